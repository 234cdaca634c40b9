extension [Token] {
    /// How many bytes of a text no token stands for, but for white space, control and format characters: separators that
    /// a tokenizer drops on purpose.
    func lostByteCount(in text: String) -> Int {
        guard reduce(0, { $0 + $1.bytes.count }) < text.utf8.count else { return 0 }
        var lost = 0
        var next = self[...]
        for element in [AlignedScalar](text) {
            while let first = next.first, first.bytes.upperBound <= Int(element.lower) { next.removeFirst() }
            let isCovered = next.first.map { $0.bytes.lowerBound < Int(element.upper) } ?? false
            if !isCovered, !element.scalar.isWhiteSpace, !element.scalar.isOther { lost += element.width }
        }
        return lost
    }
}
