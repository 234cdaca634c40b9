import ArgumentParser
import Diagnostics
import Foundation

/// Says what to do with words that a verb doesn't take: the parser only says that it didn't expect them.
enum UnexpectedWords {
    private static let experimentVerbs = ["run", "train", "plan", "validate"]

    /// - Parameter arguments: without the program's name
    /// - Returns: what went wrong and the remedy; nil where the error is another one.
    static func problem(_ error: any Error, _ arguments: [String]) -> Diagnostic? {
        guard let verb = arguments.first, let words = words(in: Bellm.message(for: error)) else { return nil }
        let text = words.map { "\"\($0)\"" }.joined(separator: ", ")
        return Diagnostic(
            "bellm \(verb): unexpected argument\(words.count == 1 ? "" : "s") \(text)",
            suggestion: advice(verb, words))
    }

    private static func advice(_ verb: String, _ words: [String]) -> String {
        guard experimentVerbs.contains(verb) else {
            return "see bellm \(verb) --help for what it takes; a name with spaces stands in quotes"
        }
        if words.contains(where: { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }) {
            return "it takes one experiment: call it once for each"
        }
        if words.allSatisfy({ $0.contains("=") }) {
            return "to change keys: --set " + words.map(quoted).joined(separator: " ")
        }
        return "to choose a run of the experiment: --only " + quoted(words.joined(separator: " "))
    }

    /// The words of `Unexpected argument 'x'` and `2 unexpected arguments: 'x', 'y'`.
    private static func words(in message: String) -> [String]? {
        guard
            let match = message.wholeMatch(
                of: /(?:Unexpected argument|\d+ unexpected arguments:) '(.*)'/.dotMatchesNewlines())
        else { return nil }
        return String(match.1).components(separatedBy: "', '")
    }

    /// A word as a shell takes it back.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.wholeMatch(of: /[\w.:\/=+-]+/) != nil
        return isPlain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}
