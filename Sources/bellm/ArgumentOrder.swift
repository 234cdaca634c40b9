import Files
import Results
import Specification

/// Lets the files that a verb is about stand behind options that take all words that follow them, such as `--set` and `--columns`.
enum ArgumentOrder {
    private static let experimentVerbs = ["run", "train", "plan", "validate"]
    private static let resultVerbs = ["show", "plot"]
    private static let lists = ["--set", "--only", "--columns", "--where"]

    /// The arguments with the verb's files in front of the options among whose values they stood.
    ///
    /// - Parameters:
    ///   - arguments: without the program's name
    ///   - isExperiment: whether a word names an experiment, where it could be a run's name as well
    ///   - isResult: whether a word names a result, where it could be a column's name as well
    static func settled(
        _ arguments: [String], isExperiment: (String) -> Bool = { isExperiment(named: $0) },
        isResult: (String) -> Bool = { isResult(named: $0) }
    ) -> [String] {
        guard let verb = arguments.first else { return arguments }
        if resultVerbs.contains(verb) {
            let places = places(in: arguments) { option, word in
                option == "--where" ? !word.contains("=") : isResult(word)
            }
            return moved(places, in: arguments)
        }
        guard experimentVerbs.contains(verb), arguments.dropFirst().first?.hasPrefix("-") == true else {
            return arguments
        }
        let places = places(in: arguments) { option, word in
            option == "--set" ? !word.contains("=") : isExperiment(word)
        }
        return places.count == 1 ? moved(places, in: arguments) : arguments
    }

    /// Where among the values of lists there is a word that isn't one.
    private static func places(in arguments: [String], _ isFile: (_ option: String, _ word: String) -> Bool) -> [Int] {
        var option = ""
        var (values, found) = (0, [Int]())
        for (index, word) in arguments.enumerated().dropFirst() {
            if word.hasPrefix("-") {
                // Its first value may stand in the same word.
                let equals = word.firstIndex(of: "=")
                (option, values) = (String(word[..<(equals ?? word.endIndex)]), equals == nil ? 0 : 1)
                continue
            }
            values += 1
            // A list's first value is never a file: an option without a value is a mistake to be told.
            guard lists.contains(option), values > 1 else { continue }
            if isFile(option, word) { found.append(index) }
        }
        return found
    }

    private static func moved(_ places: [Int], in arguments: [String]) -> [String] {
        let others = arguments.indices.filter { !places.contains($0) }.map { arguments[$0] }
        // Behind those that stand there already: the first result of several gives a table its name.
        let start = others.dropFirst().firstIndex { $0.hasPrefix("-") } ?? others.endIndex
        return others[..<start] + places.map { arguments[$0] } + others[start...]
    }

    private static func isExperiment(named word: String) -> Bool {
        word.hasSuffix(".yaml") || word.hasSuffix(".yml")
            || (try? ConfigFolder.find(for: "."))?.experiment(named: word) != nil
    }

    private static func isResult(named word: String) -> Bool {
        OutputKind.hdf5.endings.contains { word.lowercased().hasSuffix(".\($0)") } || ExperimentResult.isResult(word)
    }
}
