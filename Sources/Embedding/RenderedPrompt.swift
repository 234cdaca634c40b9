import Diagnostics
import Tokenizers

/// One sentence in a template: its text, its tokens, and which of them are the sentence's.
struct RenderedPrompt {
    /// Stands for a placeholder among token ids.
    static let placeholderID: Int32 = -1

    /// A place of the template that is cut or pooled on its own.
    private struct Place {
        /// Counted without placeholders.
        var bytes: Range<Int>
        var isPooled: Bool
        /// Whether it holds the sentence, which may be cut, or words of the template.
        var isSentence = true
        /// Whether the token before it is the space that its text would begin with.
        var hasSpaceToken = false
    }

    /// The text, with `{prepend}` where a placeholder is.
    private(set) var text = ""
    private(set) var tokens: [Token] = []
    /// The bytes of no token: those that the vocabulary has none for.
    private(set) var unencodedBytes = 0
    private var places: [Place] = []
    /// For each token, the place that it was tokenised in, apart from the rest; nil for none.
    private var owners: [Int?] = []

    /// The text before and the text behind a placeholder are tokenised separately; otherwise the whole at once, or each
    /// piece apart, as the template says. Around the whole go the tokens that the model expects there, such as `<s>`.
    ///
    /// - Throws: as the tokenizer does.
    init(_ sentence: String, in template: PromptTemplate, tokenizer: any Tokenizer) throws {
        var segment = ""
        var start = 0
        append(tokenizer.frame.before.map { Token(id: $0, bytes: 0..<0) }, of: nil)
        func endSegment(of place: Int? = nil) throws {
            try append(segment, at: start, of: place, tokenizer: tokenizer)
            start += segment.utf8.count
            segment = ""
        }
        for part in template.parts {
            if template.tokenisation == .pieces { try endSegment() }
            let lower = start + segment.utf8.count
            switch part {
            case .literal(let literal): segment += literal
            case .piece(let words, let isPooled):
                segment += words
                places.append(
                    Place(bytes: lower..<start + segment.utf8.count, isPooled: isPooled, isSentence: false))
            case .text(let isPooled, let isHalved):
                segment += isHalved ? try Self.firstHalf(of: sentence, tokenizer: tokenizer) : sentence
                places.append(Place(bytes: lower..<start + segment.utf8.count, isPooled: isPooled))
            case .placeholder:
                try endSegment()
                text += "{prepend}"
                append([Token(id: Self.placeholderID, bytes: start..<start)], of: nil)
            case .end(let words):
                try endSegment()
                try append(end: words, at: start, tokenizer: tokenizer)
            }
            if template.tokenisation == .pieces, lower < start + segment.utf8.count {
                if case .literal = part {} else { try endSegment(of: places.count - 1) }
            }
        }
        try endSegment()
        append(tokenizer.frame.behind.map { Token(id: $0, bytes: start..<start) }, of: nil)
        if template.tokenisation == .whole { try findSpaceTokens(of: sentence, tokenizer: tokenizer) }
    }

    /// A token behind all others, where the tokenizer doesn't put it there itself.
    private mutating func append(end words: String, at start: Int, tokenizer: any Tokenizer) throws {
        let found = try tokenizer.encode(words)
        guard let end = found.first, found.count == 1, end.bytes.count == words.utf8.count else {
            throw Diagnostic(
                "{end:\(words)} is for one token; this model's tokenizer makes \(found.count) of \"\(words)\"")
        }
        let behind = tokenizer.frame.behind
        if behind == [end.id] { return }
        guard behind.isEmpty else {
            throw Diagnostic(
                "the template ends in {end:\(words)}, and this model's tokenizer ends every text otherwise, with the ids \(behind)",
                suggestion: "leave {end:\(words)} out")
        }
        text += words
        append([Token(id: end.id, bytes: start..<start)], of: nil)
    }

    /// What the first half of a sentence's tokens spells, where the sentence is tokenised alone; a character that the cut
    /// would break is left out.
    private static func firstHalf(of sentence: String, tokenizer: any Tokenizer) throws -> String {
        let tokens = try tokenizer.encode(sentence)
        guard !tokens.isEmpty else { return "" }
        let end = tokens[(tokens.count - 1) / 2].bytes.upperBound
        let bytes = Array(sentence.utf8)
        let isCharacterStart: (Int) -> Bool = { $0 == bytes.count || bytes[$0] & 0xC0 != 0x80 }
        let whole = (0...end).last(where: isCharacterStart) ?? 0
        return String(decoding: bytes[..<whole], as: UTF8.self)
    }

    private mutating func append(_ added: [Token], of place: Int?) {
        tokens += added
        owners += added.map { _ in place }
    }

    private mutating func append(_ segment: String, at start: Int, of place: Int?, tokenizer: any Tokenizer) throws {
        let encoded = try tokenizer.encode(segment)
        unencodedBytes += tokenizer.unencodedByteCount(of: encoded, in: segment)
        text += segment
        append(
            encoded.map { Token(id: $0.id, bytes: start + $0.bytes.lowerBound..<start + $0.bytes.upperBound) },
            of: place)
    }

    /// Cuts tokens off the sentence's end, in each of its places alike, and leaves the template whole: what is pooled
    /// often stands behind the sentence.
    ///
    /// - Throws: where the template alone is longer than the limit.
    mutating func cut(to limit: Int, template: PromptTemplate) throws(Diagnostic) {
        let sentences = places.filter(\.isSentence)
        guard tokens.count > limit, !sentences.isEmpty else { return }
        let share = (tokens.count - limit + sentences.count - 1) / sentences.count
        for place in sentences.reversed() {
            let inside = tokens.indices.filter {
                tokens[$0].bytes.lowerBound >= place.bytes.lowerBound
                    && tokens[$0].bytes.upperBound <= place.bytes.upperBound && !tokens[$0].bytes.isEmpty
            }
            // Tokens of no bytes that a tokenizer adds between words are cut with them.
            guard let first = inside.first, let last = inside.last, last - first + 1 >= share else {
                throw Diagnostic(
                    "the template alone is longer than the model's context of \(limit) tokens: \(template)")
            }
            tokens.removeSubrange(last - share + 1...last)
            owners.removeSubrange(last - share + 1...last)
        }
    }

    /// The tokens that pooling reads, as ascending ranges of positions: those of a pooled piece, or whose bytes meet a pooled
    /// place's. One that meets two places, such as a space and the word behind it, is read once.
    var pooled: [Range<Int>] {
        var ranges: [Range<Int>] = []
        for (index, place) in places.enumerated() where place.isPooled && !place.bytes.isEmpty {
            let meeting = tokens.indices.filter { owners[$0] == index || tokens[$0].bytes.overlaps(place.bytes) }
            guard var first = meeting.first, let last = meeting.last else { continue }
            if place.hasSpaceToken, first > 0 { first -= 1 }
            first = max(first, ranges.last?.upperBound ?? 0)
            if first <= last { ranges.append(first..<last + 1) }
        }
        return ranges
    }

    /// A tokenizer that puts a space before every text, such as SentencePiece, has a token for it alone where no token has
    /// it together with the first word. The sentence would begin with that token if it stood alone. So where the template
    /// has a space in front of the sentence, that token is the sentence's, as the scripts have it that count the tokens of
    /// the sentence alone (Echo's parser; llm2vec's `embed_mask`).
    private mutating func findSpaceTokens(of sentence: String, tokenizer: any Tokenizer) throws {
        var space: Int32??
        for (index, place) in places.enumerated() where place.isPooled && place.isSentence && !place.bytes.isEmpty {
            guard let first = tokens.firstIndex(where: { $0.bytes.overlaps(place.bytes) }), first > 0,
                case let before = tokens[first - 1], before.bytes.upperBound == place.bytes.lowerBound
            else { continue }
            let found = try space ?? tokenizer.encode(sentence).first.flatMap { $0.bytes.isEmpty ? $0.id : nil }
            space = .some(found)
            places[index].hasSpaceToken = found == before.id
        }
    }
}
