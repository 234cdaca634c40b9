import Tasks
import Diagnostics
import Embedding

extension ConfigNode {
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

    /// The errors of keys that a mapping should not have.
    func unknownKeys(_ kind: String, among allowed: [String]) -> [Diagnostic] {
        entries.filter { !allowed.contains($0.key) }.map {
            .unknown(kind, $0.key, among: allowed, at: $0.location)
        }
    }
}
