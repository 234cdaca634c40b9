import Diagnostics
import Foundation

/// Names that a file gives to classes or subsets.
enum NameTwins {
    /// - Parameter names: each with where it stands
    /// - Throws: where two differ in white space around them alone, as where some rows of a file have a space behind a comma: they
    ///   would be counted apart.
    static func check(_ names: [(name: String, place: SourceLocation?)], _ kind: String) throws(Diagnostic) {
        var first: [String: String] = [:]
        for (name, place) in names {
            let bare = name.trimmingCharacters(in: .whitespacesAndNewlines)
            let known = first[bare] ?? name
            first[bare] = known
            guard known == name else {
                throw Diagnostic(
                    "the \(kind) \"\(known)\" and \"\(name)\" differ in the white space around them alone", at: place,
                    suggestion: "write them alike")
            }
        }
    }
}
