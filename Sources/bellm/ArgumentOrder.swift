import Foundation
import Specification

/// Lets the experiment's file stand behind `--set` and `--only`, which take all words that follow them.
enum ArgumentOrder {
    private static let verbs = ["run", "train", "plan", "validate"]
    private static let lists = ["--set", "--only"]

    /// The arguments with the experiment's file in front of the options, where it stood among the values of one.
    ///
    /// - Parameters:
    ///   - arguments: without the program's name
    ///   - isExperiment: whether a word names an experiment, where it could be a run's name as well
    static func settled(
        _ arguments: [String], isExperiment: (String) -> Bool = { isExperiment(named: $0) }
    ) -> [String] {
        guard let verb = arguments.first, verbs.contains(verb), arguments.dropFirst().first?.hasPrefix("-") == true
        else { return arguments }
        var option = ""
        var (values, found) = (0, [Int]())
        for (index, word) in arguments.enumerated().dropFirst() {
            if word.hasPrefix("-") {
                (option, values) = (word, 0)
                continue
            }
            values += 1
            // A list's first value is never the file: an option without a value is a mistake to be told.
            guard lists.contains(option), values > 1 else { continue }
            if option == "--set" ? !word.contains("=") : isExperiment(word) { found.append(index) }
        }
        guard found.count == 1, let place = found.first else { return arguments }
        var settled = arguments
        settled.insert(settled.remove(at: place), at: 1)
        return settled
    }

    private static func isExperiment(named word: String) -> Bool {
        word.hasSuffix(".yaml") || word.hasSuffix(".yml")
            || (try? ConfigFolder.find(for: "."))?.experiment(named: word) != nil
    }
}
