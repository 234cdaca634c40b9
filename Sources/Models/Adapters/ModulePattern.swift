import Diagnostics
import Oniguruma

/// A regular expression of an `adapter_config.json`, which modules' paths match whole. It comes with the adapter, so that its
/// steps are counted.
struct ModulePattern: Sendable {
    private let expression: RegularExpression
    private let key: String

    /// - Parameters:
    ///   - text: Python's, whose words for paths are Oniguruma's too
    ///   - key: where it is said
    init(_ text: String, of key: String) throws(Diagnostic) {
        expression = try RegularExpression(#"\A(?:\#(text))\z"#)
        self.key = key
    }

    /// What the end of a path must match, behind a point: PEFT's `(.*\.)?(…)$`.
    init(ofEnd text: String, of key: String) throws(Diagnostic) { try self.init(#"(?:.*\.)?(?:\#(text))"#, of: key) }

    /// - Throws: where it goes back again and again
    func matches(_ module: String) throws(Diagnostic) -> Bool {
        do {
            return try !expression.matches(in: Array(module.utf8)).isEmpty
        } catch {
            throw Diagnostic("\(key): \(error.message)")
        }
    }
}
