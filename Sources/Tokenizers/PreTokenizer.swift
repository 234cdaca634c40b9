import Diagnostics

/// How a text is cut into the pieces that byte pairs are merged within; no token crosses a cut.
///
/// The raw values are GGUF's names (`tokenizer.ggml.pre`). The patterns are hand-written scanners, equal to
/// llama.cpp's, which applies the regular expressions of a pre-tokenizer one after another, each to the pieces
/// that the one before has left. Look-ahead therefore ends at a cut.
public enum PreTokenizer: String, Sendable, CaseIterable {
    /// GPT-2's pattern alone:
    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
    case gpt2 = "gpt-2"
    /// Every number character (`\p{N}`) is a piece, then GPT-2's pattern on what lies between.
    case smollm
    /// LLaMA 3's pattern, whose numbers are cut into threes; a piece that is a token isn't merged.
    case llama3 = "llama-bpe"
    /// Qwen 2's: LLaMA 3's with each number character a piece.
    case qwen2

    /// Names that converters have given the same.
    private static let otherNames: [String: PreTokenizer] = [
        "llama3": .llama3, "llama-v3": .llama3, "deepseek-r1-qwen": .qwen2,
    ]

    /// - Throws: `Diagnostic` for an unknown name, with the known ones.
    public init(named name: String) throws {
        if let known = Self.otherNames[name] {
            self = known
            return
        }
        guard let known = PreTokenizer(rawValue: name) else {
            throw Diagnostic.unknown("pre-tokenizer", name, among: PreTokenizer.allCases.map(\.rawValue))
        }
        self = known
    }

    private var splitsNumbers: Bool { self == .smollm }

    /// Whether a piece that is a token as it stands is that token, whatever the merges would make of it.
    var ignoresMerges: Bool { self == .llama3 }

    /// The byte ranges of a text's pieces, which tile it.
    package func pieces(of text: String) -> [Range<Int>] {
        let utf8 = text.utf8.span
        var pieces: [Range<Int>] = []
        var start = 0
        while start < utf8.count {
            let end = endOfPiece(in: utf8, from: start)
            pieces.append(start..<end)
            start = end
        }
        return pieces
    }

    /// The end of the piece that begins at `start`, which is inside `text`.
    func endOfPiece(in text: borrowing Span<UInt8>, from start: Int) -> Int {
        guard let first = ClassifiedScalar(in: text, at: start) else { return start }
        if self == .llama3 || self == .qwen2 {
            return endOfLlama3Piece(in: text, from: start, first: first, mostDigits: self == .llama3 ? 3 : 1)
        }
        if splitsNumbers, first.scalarClass == .number { return start + first.width }
        if let end = endOfContraction(in: text, from: start) { return end }
        guard first.scalarClass == .whiteSpace else {
            return endOfRun(of: first.scalarClass, in: text, from: start + first.width)
        }
        guard text[start] == UInt8(ascii: " "),
            let second = scalar(in: text, at: start + 1), second.scalarClass != .whiteSpace
        else {
            return endOfWhiteSpace(in: text, from: start, width: first.width)
        }
        return endOfRun(of: second.scalarClass, in: text, from: start + 1 + second.width)
    }

    /// The character at `offset`, or nil where what the pattern sees ends: at the text's end or an earlier cut.
    private func scalar(in text: borrowing Span<UInt8>, at offset: Int) -> ClassifiedScalar? {
        guard let scalar = ClassifiedScalar(in: text, at: offset) else { return nil }
        return splitsNumbers && scalar.scalarClass == .number ? nil : scalar
    }

    private func endOfRun(of scalarClass: ScalarClass, in text: borrowing Span<UInt8>, from start: Int) -> Int {
        var end = start
        while let next = scalar(in: text, at: end), next.scalarClass == scalarClass { end += next.width }
        return end
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d`, in lower case only.
    private func endOfContraction(in text: borrowing Span<UInt8>, from start: Int) -> Int? {
        guard text[start] == UInt8(ascii: "'"), start + 1 < text.count else { return nil }
        switch text[start + 1] {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
        default: break
        }
        guard start + 2 < text.count else { return nil }
        switch (text[start + 1], text[start + 2]) {
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 3
        default: return nil
        }
    }

    /// `\s+(?!\S)|\s+`: a run of white space leaves its last character to the word that follows, if any.
    private func endOfWhiteSpace(in text: borrowing Span<UInt8>, from start: Int, width: Int) -> Int {
        var last = start
        var end = start + width
        while let next = scalar(in: text, at: end) {
            guard next.scalarClass == .whiteSpace else { return last > start ? last : end }
            last = end
            end += next.width
        }
        return end
    }
}
