import Diagnostics
import Files

extension JSONNode {
    /// The error for a name that this program doesn't know.
    func unknown(_ what: String, among supported: some Sequence<String>) -> Diagnostic {
        let names = Array(supported)
        let found = (try? string()) ?? ""
        return error(
            "the \(what) \"\(found)\" is not supported; expected one of: \(names.joined(separator: ", "))",
            suggestion: nearestName(to: found, among: names).map { "the nearest is \"\($0)\"" })
    }

    /// A value of an enumeration by its name.
    func choice<T: RawRepresentable & CaseIterable>(_ what: String, as type: T.Type = T.self) throws -> T
    where T.RawValue == String {
        guard let value = T(rawValue: try string()) else { throw unknown(what, among: T.allCases.map(\.rawValue)) }
        return value
    }

    /// A single character.
    func scalar() throws -> Unicode.Scalar {
        let text = try string().unicodeScalars
        guard text.count == 1, let scalar = text.first else { throw expected("one character") }
        return scalar
    }

    /// A member that may be missing, but is never null: the library refuses null there.
    func flag(_ name: String, or missing: Bool) throws -> Bool { try member(name)?.flag() ?? missing }

    /// A member for which null says no more than a missing one.
    func flagOrNull(_ name: String) throws -> Bool? { try self[name]?.flag() }

    /// Runs what may fail without knowing where: its errors are this value's.
    func locating<R>(_ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as Diagnostic where error.location == nil {
            throw self.error(error.message, suggestion: error.suggestion)
        }
    }

    /// Passes over members that change no id.
    func pass(over names: String...) { names.forEach { member($0)?.countAllAsRead() } }

    /// Refuses a member unless it says what a missing one does.
    ///
    /// - Parameter why: what another value would do
    func expect(_ name: String, _ expected: String, _ why: String, where holds: (JSONNode) -> Bool) throws {
        guard let value = member(name), !value.isNull, !holds(value) else { return }
        throw value.error("expected \(expected), found \(value.text.prefix(60)): \(why)")
    }
}
