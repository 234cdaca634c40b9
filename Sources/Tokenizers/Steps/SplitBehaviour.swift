/// What becomes of a delimiter where a text is cut at it: `SplitDelimiterBehavior` of the tokenizers library.
enum SplitBehaviour: String, CaseIterable, Sendable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"

    /// Cuts a range at delimiters.
    ///
    /// - Parameters:
    ///   - delimiters: inside the range, in order
    ///   - isInverted: what lies between the delimiters counts as one instead
    func pieces(of whole: Range<Int>, at delimiters: [Range<Int>], isInverted: Bool = false) -> [Range<Int>] {
        var parts: [(range: Range<Int>, isDelimiter: Bool)] = []
        var start = whole.lowerBound
        for delimiter in delimiters {
            if start < delimiter.lowerBound { parts.append((start..<delimiter.lowerBound, isInverted)) }
            parts.append((delimiter, !isInverted))
            start = delimiter.upperBound
        }
        if start < whole.upperBound { parts.append((start..<whole.upperBound, isInverted)) }
        switch self {
        case .isolated: return parts.map(\.range)
        case .removed: return parts.filter { !$0.isDelimiter }.map(\.range)
        case .contiguous: return Self.joined(parts) { $0 == $1 }
        case .mergedWithPrevious: return Self.joined(parts) { !$0 && $1 }
        case .mergedWithNext: return Self.joinedFromTheEnd(parts)
        }
    }

    /// Joins neighbours where `joins` says so of what the two are.
    private static func joined(
        _ parts: [(range: Range<Int>, isDelimiter: Bool)], _ joins: (Bool, Bool) -> Bool
    ) -> [Range<Int>] {
        var joined: [Range<Int>] = []
        for (index, part) in parts.enumerated() {
            if index > 0, let last = joined.last, joins(parts[index - 1].isDelimiter, part.isDelimiter) {
                joined[joined.count - 1] = last.lowerBound..<part.range.upperBound
            } else {
                joined.append(part.range)
            }
        }
        return joined
    }

    private static func joinedFromTheEnd(_ parts: [(range: Range<Int>, isDelimiter: Bool)]) -> [Range<Int>] {
        var joined: [Range<Int>] = []
        var wasDelimiter = false
        for part in parts.reversed() {
            if part.isDelimiter, !wasDelimiter, let next = joined.last {
                joined[joined.count - 1] = part.range.lowerBound..<next.upperBound
            } else {
                joined.append(part.range)
            }
            wasDelimiter = part.isDelimiter
        }
        return joined.reversed()
    }
}
