extension PreTokenizer {
    /// The end of a piece by LLaMA 3's pattern:
    ///
    ///     (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
    ///
    /// - Parameters:
    ///   - first: the character at `start`
    ///   - mostDigits: of a number's piece
    func endOfLlama3Piece(
        in text: borrowing Span<UInt8>, from start: Int, first: ClassifiedScalar, mostDigits: Int
    ) -> Int {
        if let end = Self.endOfContraction(in: text, from: start) { return end }
        switch first.scalarClass {
        case .letter: return Self.end(of: .letter, in: text, from: start + first.width)
        case .number: return Self.end(of: .number, in: text, from: start + first.width, most: mostDigits - 1)
        case .whiteSpace, .other: break
        }
        let next = ClassifiedScalar(in: text, at: start + first.width)?.scalarClass
        let isNewline = Self.isNewline(text[start])
        if !isNewline, next == .letter { return Self.end(of: .letter, in: text, from: start + first.width) }
        if first.scalarClass == .other || (text[start] == UInt8(ascii: " ") && next == .other) {
            let end = Self.end(of: .other, in: text, from: start + first.width)
            return Self.endOfNewlines(in: text, from: end)
        }
        return Self.endOfSpace(in: text, from: start)
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d`, in either case.
    private static func endOfContraction(in text: borrowing Span<UInt8>, from start: Int) -> Int? {
        func lowered(_ offset: Int) -> UInt8? { start + offset < text.count ? text[start + offset] | 0x20 : nil }
        guard text[start] == UInt8(ascii: "'"), let second = lowered(1) else { return nil }
        switch (second, lowered(2)) {
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
            return start + 2
        case (UInt8(ascii: "r"), UInt8(ascii: "e")?), (UInt8(ascii: "v"), UInt8(ascii: "e")?),
            (UInt8(ascii: "l"), UInt8(ascii: "l")?):
            return start + 3
        default: return nil
        }
    }

    private static func end(
        of scalarClass: ScalarClass, in text: borrowing Span<UInt8>, from start: Int, most: Int = .max
    ) -> Int {
        var (end, count) = (start, 0)
        while count < most, let next = ClassifiedScalar(in: text, at: end), next.scalarClass == scalarClass {
            end += next.width
            count += 1
        }
        return end
    }

    private static func isNewline(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

    private static func endOfNewlines(in text: borrowing Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < text.count, isNewline(text[end]) { end += 1 }
        return end
    }

    /// A run of white space: up to its last newline if it has one; else but for its last character, which goes to the word
    /// that follows, if one does.
    private static func endOfSpace(in text: borrowing Span<UInt8>, from start: Int) -> Int {
        var (end, last) = (start, start)
        var behindNewline: Int?
        while let next = ClassifiedScalar(in: text, at: end), next.scalarClass == .whiteSpace {
            last = end
            end += next.width
            if isNewline(text[last]) { behindNewline = end }
        }
        if let behindNewline { return behindNewline }
        return end < text.count && last > start ? last : end
    }
}
