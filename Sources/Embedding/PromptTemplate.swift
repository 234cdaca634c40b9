import Diagnostics

/// Text around sentences, with places in braces:
///
/// - `{text}` — the sentence
/// - `{text:pool}` — the sentence, and pooling reads only the tokens of such places (Echo embeddings, arXiv 2402.15449)
/// - `{text:half}`, `{text:half:pool}` — the same with the first half of the sentence's tokens, rounded up, for a
///   repetition that costs what the sentence alone costs (section 4.2 there)
/// - `{piece:WORDS}`, `{piece:WORDS:pool}` — the words themselves: a piece of its own for `Tokenisation.pieces`, and one that
///   is pooled, such as the `</s>` that ends the prompts of Echo's trained models
/// - `{end:WORDS}` — last of all, the one token WORDS, unless the tokenizer puts it behind every text itself: what `last`
///   pooling reads in models that were trained so, such as `</s>` of e5-mistral
/// - `{prepend}` — a token without an embedding, whose state Token Prepending replaces by the last one's
///   (arXiv 2412.11556)
///
/// Other braces are literal.
public struct PromptTemplate: Hashable, Sendable, CustomStringConvertible {
    /// A piece of a template.
    enum Part: Hashable, Sendable {
        case literal(String)
        case piece(String, isPooled: Bool)
        case text(isPooled: Bool, isHalved: Bool = false)
        case placeholder
        case end(String)

        var isPooled: Bool {
            switch self {
            case .piece(_, let isPooled), .text(let isPooled, _): isPooled
            case .literal, .placeholder, .end: false
            }
        }
    }

    /// As written.
    public let description: String
    let parts: [Part]
    /// How a prompt becomes tokens.
    public var tokenisation = Tokenisation.whole

    /// The sentence alone.
    public static let plain = PromptTemplate(description: "{text}", parts: [.text(isPooled: false)])

    private init(description: String, parts: [Part]) {
        self.description = description
        self.parts = parts
    }

    private static let places: [(name: String, part: Part)] = [
        ("text", .text(isPooled: false)), ("text:pool", .text(isPooled: true)),
        ("text:half", .text(isPooled: false, isHalved: true)),
        ("text:half:pool", .text(isPooled: true, isHalved: true)), ("prepend", .placeholder),
    ]
    private static let pieceWord = "piece:"
    private static let endWord = "end:"
    private static let pooledWord = ":pool"

    /// Reads a template. Braces are looked for among code points: what Swift counts as one character may be a brace with a
    /// combining mark behind it.
    ///
    /// - Throws: where the sentence has no place, `{prepend}` stands twice, or another name stands in braces.
    public init(_ template: String, tokenisation: Tokenisation = .whole) throws(Diagnostic) {
        var parts: [Part] = []
        var literal = ""
        func endLiteral() {
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
        }
        var rest = template.unicodeScalars[...]
        while let brace = rest.firstIndex(of: "{") {
            let behind = rest.index(after: brace)
            guard let end = rest[behind...].firstIndex(of: "}"), let part = try Self.place(rest[behind..<end]) else {
                literal.unicodeScalars += rest[..<behind]
                rest = rest[behind...]
                continue
            }
            literal.unicodeScalars += rest[..<brace]
            endLiteral()
            parts.append(part)
            rest = rest[rest.index(after: end)...]
        }
        literal.unicodeScalars += rest
        endLiteral()

        guard parts.contains(where: { if case .text = $0 { true } else { false } }) else {
            throw Diagnostic("expected {text} in the template, found none: \(template)")
        }
        guard parts.count(where: { $0 == .placeholder }) <= 1 else {
            throw Diagnostic("expected {prepend} at most once in the template: \(template)")
        }
        guard !parts.dropLast().contains(where: { if case .end = $0 { true } else { false } }) else {
            throw Diagnostic("expected {end:…} once, as the last of the template: \(template)")
        }
        self.init(description: template, parts: parts)
        self.tokenisation = tokenisation
    }

    /// Words before the sentence, whose braces are no places: each of those is written as a piece.
    public init(prefix: String) {
        let scalars = prefix.unicodeScalars
        let isPlain = !scalars.contains("{")
        let description = isPlain ? prefix : scalars.map { $0 == "{" ? "{\(Self.pieceWord){}" : String($0) }.joined()
        let literal: [Part] = prefix.isEmpty ? [] : [.literal(prefix)]
        self.init(description: description + "{text}", parts: literal + [.text(isPooled: false)])
    }

    /// What stands in braces; nil for what is no place.
    private static func place(_ text: Substring.UnicodeScalarView) throws(Diagnostic) -> Part? {
        if text.starts(with: pieceWord.unicodeScalars) {
            var words = text.dropFirst(pieceWord.unicodeScalars.count)
            let isPooled = words.suffix(pooledWord.unicodeScalars.count).elementsEqual(pooledWord.unicodeScalars)
            if isPooled { words = words.dropLast(pooledWord.unicodeScalars.count) }
            guard !words.isEmpty else { throw Diagnostic("expected words behind {piece:, found none") }
            return .piece(String(words), isPooled: isPooled)
        }
        if text.starts(with: endWord.unicodeScalars) {
            let words = text.dropFirst(endWord.unicodeScalars.count)
            guard !words.isEmpty else { throw Diagnostic("expected a token behind {end:, found none") }
            return .end(String(words))
        }
        let isName =
            !text.isEmpty
            && text.allSatisfy { $0.properties.isAlphabetic || isDigit($0) || "_:-".unicodeScalars.contains($0) }
        guard isName else { return nil }
        let name = String(text)
        guard let place = places.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
            throw .unknown(
                "placeholder", "{\(name)}",
                among: places.map { "{\($0.name)}" } + ["{\(pieceWord)WORDS}", "{\(endWord)TOKEN}"])
        }
        return place.part
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.numericType != nil }

    /// By bytes: Swift's own equality takes `é` and `e` with a combining accent for the same, which a tokenizer doesn't.
    public static func == (one: PromptTemplate, other: PromptTemplate) -> Bool {
        one.tokenisation == other.tokenisation && one.description.utf8.elementsEqual(other.description.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(Array(description.utf8))
        hasher.combine(tokenisation)
    }

    public var hasPlaceholder: Bool { parts.contains(.placeholder) }

    /// Whether pooling reads some places only.
    var poolsPlaces: Bool { parts.contains(where: \.isPooled) }

    /// Whether the last token that pooling reads is the prompt's last.
    var poolsToTheEnd: Bool { !poolsPlaces || parts.last?.isPooled == true }
}

/// How a prompt becomes tokens.
public enum Tokenisation: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
    /// As one text, as `tokenizer(prompt)` has it: words merge across the borders of places.
    case whole
    /// The words between two places, each sentence and each `{piece:…}` apart, as Echo's parser has it
    /// (github.com/jakespringer/echo-embeddings, echo_embeddings.py). A tokenizer that puts a space before a text puts one
    /// before each.
    case pieces

    /// Reads a name.
    public init(named name: String) throws(Diagnostic) {
        guard let found = Tokenisation(rawValue: name) else {
            throw .unknown("tokenisation", name, among: Tokenisation.allCases.map(\.rawValue))
        }
        self = found
    }

    public var description: String { rawValue }
}
