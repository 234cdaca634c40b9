/// A set of characters, as ranges of their numbers.
struct ScalarRanges: Sendable {
    /// Ascending, without overlap.
    private let ranges: [ClosedRange<UInt32>]

    /// - Parameter text: ascending hexadecimal numbers and ranges, such as `300-36F 483`; what is none is left out
    init(_ text: String) {
        ranges = text.split(separator: " ").compactMap { word in
            let ends = word.split(separator: "-").compactMap { UInt32($0, radix: 16) }
            guard let first = ends.first, let last = ends.last, first <= last else { return nil }
            return first...last
        }
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < scalar.value { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(scalar.value)
    }
}
