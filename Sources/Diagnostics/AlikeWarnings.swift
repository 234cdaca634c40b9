/// Warnings of several runs, each kind once: those of a kind differ in their numbers alone, and the first stands for all.
package enum AlikeWarnings {
    /// - Returns: for each kind the runs that it concerns, and its text.
    package static func grouped(_ warnings: [(run: String, text: String)]) -> [(runs: String, text: String)] {
        let known = warnings.map { (run: $0.run, text: $0.text, kind: kind(of: $0.text)) }
        var seen: Set<String> = []
        return known.filter { seen.insert($0.kind).inserted }.map { first in
            let alike = known.filter { $0.kind == first.kind }
            let differ = alike.contains { $0.text != first.text }
            return (alike.map(\.run).shortList(), (differ ? "alike, the first: " : "") + first.text)
        }
    }

    /// A warning without its numbers: of one layer or of several, this or that.
    private static func kind(of text: String) -> String {
        text.replacing(/layers? \d+(?:, \d+)*/, with: "layers #").replacing(/\d+/, with: "#")
    }
}
