/// A vocabulary in the order of its texts' bytes: finds all tokens that a text begins with.
struct PrefixIndex: Sendable {
    private let vocabulary: Vocabulary
    private let sorted: [Int32]

    /// - Parameter ids: those to be found; none with an empty text
    init(_ ids: some Sequence<Int32>, of vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
        sorted = ids.sorted {
            vocabulary.text(of: Int($0)).lexicographicallyPrecedes(vocabulary.text(of: Int($1)))
        }
    }

    /// The tokens that begin with what has been read so far.
    struct Cursor {
        fileprivate var candidates: Range<Int>
        fileprivate(set) var length = 0
        var isEmpty: Bool { candidates.isEmpty }
    }

    var start: Cursor { Cursor(candidates: 0..<sorted.count) }

    /// Reads another byte.
    func advance(_ cursor: inout Cursor, by byte: UInt8) {
        let depth = cursor.length
        let lower = firstIndex(in: cursor.candidates) { self.byte(of: $0, at: depth) >= Int(byte) }
        let upper = firstIndex(in: lower..<cursor.candidates.upperBound) { self.byte(of: $0, at: depth) > Int(byte) }
        cursor.candidates = lower..<upper
        cursor.length += 1
    }

    /// The token that has been read whole.
    func token(at cursor: Cursor) -> Int32? {
        guard let first = cursor.candidates.first, byte(of: first, at: cursor.length) < 0 else { return nil }
        return sorted[first]
    }

    /// A byte of the token at a place in the order; -1 behind its end.
    private func byte(of index: Int, at depth: Int) -> Int {
        let text = vocabulary.text(of: Int(sorted[index]))
        return depth < text.count ? Int(text[text.startIndex + depth]) : -1
    }

    private func firstIndex(in range: Range<Int>, where holds: (Int) -> Bool) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
