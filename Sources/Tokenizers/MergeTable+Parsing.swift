import Diagnostics

extension MergeTable {
    /// The merges of a list in which each line holds two token texts and a space between.
    ///
    /// - Throws: `Diagnostic` for a line that is no pair, is there twice, or names tokens that the vocabulary lacks.
    init(_ lines: [String], in vocabulary: Vocabulary) throws {
        self.init(capacity: lines.count)
        var product: [UInt8] = []
        for (rank, line) in lines.enumerated() {
            let text = line.utf8.span
            guard let space = Self.separator(in: text) else {
                throw Diagnostic("merge \(rank): expected two tokens and a space between, found \"\(line)\"")
            }
            product.removeAll(keepingCapacity: true)
            for index in text.indices where index != space { product.append(text[index]) }
            guard let left = vocabulary.id(of: text.extracting(0..<space)),
                let right = vocabulary.id(of: text.extracting(space + 1..<text.count)),
                let merged = vocabulary.id(of: product.span)
            else {
                throw Self.missingToken(rank, line, in: vocabulary)
            }
            if let earlier = append(left: left, right: right, merged: merged) {
                throw Diagnostic("merges \(earlier) and \(rank) are both \"\(line)\"")
            }
        }
    }

    /// The space between the two tokens, each of at least one byte; the alphabet of the tokens has no space.
    private static func separator(in line: borrowing Span<UInt8>) -> Int? {
        var separator: Int?
        for index in line.indices where line[index] == UInt8(ascii: " ") {
            guard separator == nil, index > 0, index + 1 < line.count else { return nil }
            separator = index
        }
        return separator
    }

    private static func missingToken(_ rank: Int, _ line: String, in vocabulary: Vocabulary) -> Diagnostic {
        let parts = line.unicodeScalars.split(separator: " ").map(String.init)
        let missing = (parts + [parts.joined()]).first { vocabulary.id(of: $0.utf8.span) == nil } ?? line
        return Diagnostic("merge \(rank) (\"\(line)\"): \"\(missing)\" is not in the vocabulary")
    }
}
