import Benchmarks
import Diagnostics
import Embedding
import Models

extension ConfigNode {
    /// What stands here, in words, for "expected …, found …".
    var kind: String {
        switch content {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .text(let text): "the text \"\(text)\""
        case .integer(let integer): "the integer \(integer)"
        case .number(let number): "the number \(number)"
        case .boolean(let boolean): "the truth value \(boolean)"
        case .null: "nothing"
        }
    }

    func expected(_ expectation: String, suggestion: String? = nil) -> Diagnostic {
        Diagnostic("expected \(expectation), found \(kind)", at: location, suggestion: suggestion)
    }

    func mapping() throws(Diagnostic) -> [ConfigEntry] {
        guard case .mapping(let entries) = content else { throw expected("a mapping") }
        return entries
    }

    func list(of items: String) throws(Diagnostic) -> [ConfigNode] {
        guard case .sequence(let nodes) = content else { throw expected("a list of \(items)") }
        return nodes
    }

    func text(_ expectation: String = "text") throws(Diagnostic) -> String {
        guard case .text(let text) = content else { throw expected(expectation) }
        return text
    }

    /// A text of the user's own, which YAML takes for something else when it is not in quotes.
    func freeText(_ expectation: String = "text") throws(Diagnostic) -> String {
        switch content {
        case .text(let text): return text
        case .null, .sequence: throw expected(expectation)
        default: throw expected(expectation, suggestion: "put quotes around a text that YAML reads as something else")
        }
    }

    func integer() throws(Diagnostic) -> Int {
        guard case .integer(let integer) = content else { throw expected("an integer") }
        return integer
    }

    /// What a type's own initialiser makes of a text; its error gets this value's location.
    func located<T>(_ text: String, _ read: (String) throws(Diagnostic) -> T) throws(Diagnostic) -> T {
        do {
            return try read(text)
        } catch {
            throw Diagnostic(error.message, at: location, suggestion: error.suggestion)
        }
    }

    func template() throws(Diagnostic) -> PromptTemplate {
        try located(freeText("a template such as \"{text}\"")) { text throws(Diagnostic) in try PromptTemplate(text) }
    }

    func normaliser() throws(Diagnostic) -> Normaliser {
        try located(text("a normaliser"), Normaliser.init(named:))
    }

    func tokenisation() throws(Diagnostic) -> Tokenisation {
        try located(text("a tokenisation"), Tokenisation.init(named:))
    }

    func paperProtocol() throws(Diagnostic) -> PaperProtocol {
        let name = try text("a protocol")
        guard let named = PaperProtocol(rawValue: name) else {
            throw .unknown("protocol", name, among: PaperProtocol.allCases.map(\.rawValue), at: location)
        }
        return named
    }

    func textVariant() throws(Diagnostic) -> TextVariant {
        let allowed = [TextVariant.raw, .senteval]
        let name = try text("raw or senteval")
        guard let variant = allowed.first(where: { $0.rawValue == name }) else {
            throw .unknown("text variant", name, among: allowed.map(\.rawValue), at: location)
        }
        return variant
    }

    func pooling() throws(Diagnostic) -> Pooling {
        try located(text("a pooling"), Pooling.init(named:))
    }

    /// One of an enumeration's names.
    func choice<Choice: RawRepresentable & CaseIterable>(_ kind: String) throws(Diagnostic) -> Choice
    where Choice.RawValue == String {
        let name = try text(kind)
        guard let choice = Choice(rawValue: name) else {
            let noun = kind.hasPrefix("a ") ? String(kind.dropFirst(2)) : kind
            throw .unknown(noun, name, among: Choice.allCases.map(\.rawValue), at: location)
        }
        return choice
    }

    /// An attention plan: its written form, or a YAML list of layers.
    func attentionPlan() throws(Diagnostic) -> AttentionPlan {
        let expectation = "none, all, last N, from N or a list of layers such as [28, 29]"
        switch content {
        case .text(let text): return try located(text, AttentionPlan.init(parsing:))
        case .sequence(let nodes):
            var layers = [Int]()
            for node in nodes {
                let layer = try node.integer()
                guard layer >= 0 else { throw node.expected("a layer, counted from 0") }
                layers.append(layer)
            }
            return .layers(layers)
        case .integer(let layer) where layer >= 0:
            throw expected(expectation, suggestion: "[\(layer)] is that layer alone, last \(layer) the final \(layer)")
        default: throw expected(expectation)
        }
    }

    /// The errors of keys that a mapping should not have.
    func unknownKeys(_ kind: String, among allowed: [String]) -> [Diagnostic] {
        entries.filter { !allowed.contains($0.key) }.map {
            .unknown(kind, $0.key, among: allowed, at: $0.location)
        }
    }
}
