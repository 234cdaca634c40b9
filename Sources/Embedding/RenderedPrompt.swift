import Diagnostics
import Tokenizers

/// One sentence in a template: its text, its tokens, and which of them are the sentence's.
struct RenderedPrompt {
    /// Stands for a placeholder among token ids.
    static let placeholderID: Int32 = -1

    /// The text, with `{prepend}` where a placeholder is.
    private(set) var text = ""
    private(set) var tokens: [Token] = []
    /// The bytes of no token: those that the vocabulary has none for.
    private(set) var unencodedBytes = 0
    /// Where the sentence's bytes are, place by place, counted without placeholders.
    private var places: [(bytes: Range<Int>, isPooled: Bool)] = []

    /// The text before and the text behind a placeholder are tokenised separately; otherwise the whole at once. Around
    /// the whole go the tokens that the model expects there, such as `<s>`.
    init(_ sentence: String, in template: PromptTemplate, tokenizer: any Tokenizer) {
        var segment = ""
        var start = 0
        tokens = tokenizer.frame.before.map { Token(id: $0, bytes: 0..<0) }
        for part in template.parts {
            switch part {
            case .literal(let literal): segment += literal
            case .text(let isPooled, let isHalved):
                let lower = start + segment.utf8.count
                segment += isHalved ? Self.firstHalf(of: sentence, tokenizer: tokenizer) : sentence
                places.append((lower..<start + segment.utf8.count, isPooled))
            case .placeholder:
                append(segment, at: start, tokenizer: tokenizer)
                start += segment.utf8.count
                segment = ""
                text += "{prepend}"
                tokens.append(Token(id: Self.placeholderID, bytes: start..<start))
            }
        }
        append(segment, at: start, tokenizer: tokenizer)
        let end = start + segment.utf8.count
        tokens += tokenizer.frame.behind.map { Token(id: $0, bytes: end..<end) }
    }

    /// What the first half of a sentence's tokens spells, where the sentence is tokenised alone; a character that the cut
    /// would break is left out.
    private static func firstHalf(of sentence: String, tokenizer: any Tokenizer) -> String {
        let tokens = tokenizer.encode(sentence)
        guard !tokens.isEmpty else { return "" }
        let end = tokens[(tokens.count - 1) / 2].bytes.upperBound
        let bytes = Array(sentence.utf8)
        let isCharacterStart: (Int) -> Bool = { $0 == bytes.count || bytes[$0] & 0xC0 != 0x80 }
        let whole = (0...end).last(where: isCharacterStart) ?? 0
        return String(decoding: bytes[..<whole], as: UTF8.self)
    }

    private mutating func append(_ segment: String, at start: Int, tokenizer: any Tokenizer) {
        let encoded = tokenizer.encode(segment)
        unencodedBytes += tokenizer.unencodedByteCount(of: encoded, in: segment)
        text += segment
        tokens += encoded.map {
            Token(id: $0.id, bytes: start + $0.bytes.lowerBound..<start + $0.bytes.upperBound)
        }
    }

    /// Cuts tokens off the sentence's end, in each of its places alike, and leaves the template whole: what is pooled
    /// often stands behind the sentence.
    ///
    /// - Throws: where the template alone is longer than the limit.
    mutating func cut(to limit: Int, template: PromptTemplate) throws(Diagnostic) {
        guard tokens.count > limit, !places.isEmpty else { return }
        let share = (tokens.count - limit + places.count - 1) / places.count
        for place in places.reversed() {
            let inside = tokens.indices.filter {
                tokens[$0].bytes.lowerBound >= place.bytes.lowerBound
                    && tokens[$0].bytes.upperBound <= place.bytes.upperBound && !tokens[$0].bytes.isEmpty
            }
            guard let last = inside.last, inside.count >= share else {
                throw Diagnostic(
                    "the template alone is longer than the model's context of \(limit) tokens: \(template)")
            }
            tokens.removeSubrange(last - share + 1...last)
        }
    }

    /// The tokens that pooling reads, as ranges of positions: those whose bytes meet a pooled place's.
    var pooled: [Range<Int>] {
        var ranges: [Range<Int>] = []
        for place in places where place.isPooled && !place.bytes.isEmpty {
            let meeting = tokens.indices.filter { tokens[$0].bytes.overlaps(place.bytes) }
            if let first = meeting.first, let last = meeting.last { ranges.append(first..<last + 1) }
        }
        return ranges
    }
}
