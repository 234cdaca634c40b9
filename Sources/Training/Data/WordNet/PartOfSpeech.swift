/// The four files of WordNet's synsets.
public enum PartOfSpeech: String, CaseIterable, Hashable, Sendable {
    case noun = "noun"
    case verb = "verb"
    case adjective = "adj"
    case adverb = "adv"

    var file: String { "data.\(rawValue)" }

    /// The types of synset that its file holds, a letter each; `s` is a satellite adjective.
    var types: String {
        switch self {
        case .noun: "n"
        case .verb: "v"
        case .adjective: "as"
        case .adverb: "r"
        }
    }
}
