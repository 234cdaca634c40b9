import Diagnostics

/// Text around sentences, with places in braces:
///
/// - `{text}` — the sentence
/// - `{text:pool}` — the sentence, and pooling reads only the tokens of such places (Echo embeddings, arXiv 2402.15449)
/// - `{text:half}`, `{text:half:pool}` — the same with the first half of the sentence's tokens, rounded up, for a
///   repetition that costs what the sentence alone costs (section 4.2 there)
/// - `{prepend}` — a token without an embedding, whose state Token Prepending replaces by the last one's
///   (arXiv 2412.11556)
///
/// Other braces are literal.
public struct PromptTemplate: Hashable, Sendable, CustomStringConvertible {
    /// A piece of a template.
    enum Part: Hashable, Sendable {
        case literal(String)
        case text(isPooled: Bool, isHalved: Bool = false)
        case placeholder

        var isPooledText: Bool { if case .text(isPooled: true, _) = self { true } else { false } }
    }

    /// As written.
    public let description: String
    let parts: [Part]

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

    /// Reads a template.
    ///
    /// - Throws: where the sentence has no place, `{prepend}` stands twice, or another name stands in braces.
    public init(_ template: String) throws(Diagnostic) {
        var parts: [Part] = []
        var literal = ""
        var rest = template[...]
        while let brace = rest.firstIndex(of: "{") {
            let behind = rest.index(after: brace)
            guard let end = rest[behind...].firstIndex(of: "}"), Self.isName(rest[behind..<end]) else {
                literal += rest[..<behind]
                rest = rest[behind...]
                continue
            }
            let name = String(rest[behind..<end])
            guard let place = Self.places.first(where: { $0.name == name }) else {
                throw .unknown("placeholder", "{\(name)}", among: Self.places.map { "{\($0.name)}" })
            }
            literal += rest[..<brace]
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
            parts.append(place.part)
            rest = rest[rest.index(after: end)...]
        }
        literal += rest
        if !literal.isEmpty { parts.append(.literal(literal)) }

        guard parts.contains(where: { if case .text = $0 { true } else { false } }) else {
            throw Diagnostic("expected {text} in the template, found none: \(template)")
        }
        guard parts.count(where: { $0 == .placeholder }) <= 1 else {
            throw Diagnostic("expected {prepend} at most once in the template: \(template)")
        }
        self.init(description: template, parts: parts)
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isLetter || $0.isNumber || "_:-".contains($0) }
    }

    /// By bytes: Swift's own equality takes `é` and `e` with a combining accent for the same, which a tokenizer doesn't.
    public static func == (one: PromptTemplate, other: PromptTemplate) -> Bool {
        one.description.utf8.elementsEqual(other.description.utf8)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(Array(description.utf8)) }

    public var hasPlaceholder: Bool { parts.contains(.placeholder) }

    /// Whether pooling reads some places only.
    var poolsPlaces: Bool { parts.contains(where: \.isPooledText) }

    /// Whether the last token that pooling reads is the prompt's last.
    var poolsToTheEnd: Bool { !poolsPlaces || parts.last?.isPooledText == true }
}
