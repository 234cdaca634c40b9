import Objectives

/// How WordNet becomes training data: each definition with what else says the same. The idea is DefSent's, Tsukagoshi et
/// al., arXiv 2105.04339, which learns to predict a word from its definition.
public struct WordNetExamples: Hashable, Sendable {
    /// What a definition, the anchor, is paired with.
    public enum Pairs: String, CaseIterable, Hashable, Sendable {
        /// All words of the sense, joined by commas: an example a sense.
        case lemmas
        /// A sentence that uses the sense: as many examples as it has sentences.
        case examples
        /// First the words, then the sentences.
        case both
    }

    public var pairs: Pairs
    /// Whether each example gets the definition of a sibling sense as hard negative: the next sense of its first word, or
    /// of its second, …; for a word with one sense, the next sense with the same hypernym. Senses without a sibling are
    /// left out then.
    public var hardNegatives: Bool

    public init(pairs: Pairs = .lemmas, hardNegatives: Bool = false) {
        self.pairs = pairs
        self.hardNegatives = hardNegatives
    }

    /// What each example is.
    public var kind: ExampleKind { hardNegatives ? .triplet : .pair }

    /// The examples of all senses, in the files' order.
    public func data(of wordNet: WordNet) -> TrainingData {
        let siblings = hardNegatives ? SiblingSenses(wordNet.synsets) : nil
        var examples: [TrainingExample] = []
        var (undefined, alone) = (0, 0)
        let places = Dictionary(uniqueKeysWithValues: PartOfSpeech.allCases.enumerated().map { ($1, $0) })
        for (index, synset) in wordNet.synsets.enumerated() {
            let positives = positives(of: synset)
            func example(_ sentences: [String]) -> TrainingExample {
                var example = TrainingExample(kind, sentences)
                example.file = places[synset.partOfSpeech] ?? 0
                return example
            }
            if synset.definition.isEmpty {
                undefined += positives.count
            } else if let siblings {
                guard let sibling = siblings.sibling(of: index) else {
                    alone += positives.count
                    continue
                }
                let negative = wordNet.synsets[sibling].definition
                examples += positives.map { example([synset.definition, $0, negative]) }
            } else {
                examples += positives.map { example([synset.definition, $0]) }
            }
        }
        var data = TrainingData(kind: kind, examples: examples, files: wordNet.files)
        data.leftOut = [
            LeftOutExamples(reason: "no definition", count: undefined),
            LeftOutExamples(reason: "no sibling sense", count: alone),
        ].filter { $0.count > 0 }
        return data
    }

    private func positives(of synset: Synset) -> [String] {
        let lemmas = [synset.lemmas.joined(separator: ", ")]
        return switch pairs {
        case .lemmas: lemmas
        case .examples: synset.examples
        case .both: lemmas + synset.examples
        }
    }
}
