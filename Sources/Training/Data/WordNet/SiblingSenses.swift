/// For each sense one that is easily taken for it: another sense of the same word, or another kind of the same thing.
struct SiblingSenses {
    private let synsets: [Synset]
    /// Indices in order, by word in lower case.
    private var sensesOfLemma: [String: [Int]] = [:]
    private var kindsOfHypernym: [Hypernym: [Int]] = [:]

    private struct Hypernym: Hashable {
        var partOfSpeech: PartOfSpeech
        var offset: Int
    }

    init(_ synsets: [Synset]) {
        self.synsets = synsets
        for (index, synset) in synsets.enumerated() where !synset.definition.isEmpty {
            for lemma in Set(synset.lemmas.map { $0.lowercased() }) { sensesOfLemma[lemma, default: []].append(index) }
            for offset in synset.hypernyms { kindsOfHypernym[key(synset, offset), default: []].append(index) }
        }
    }

    /// The next sense after this one, round and round, among the senses of its first word that has several; else among
    /// the kinds of its first hypernym that has several. One with another definition.
    func sibling(of index: Int) -> Int? {
        let synset = synsets[index]
        for lemma in synset.lemmas {
            if let sense = next(after: index, in: sensesOfLemma[lemma.lowercased()]) { return sense }
        }
        for hypernym in synset.hypernyms {
            if let sense = next(after: index, in: kindsOfHypernym[key(synset, hypernym)]) { return sense }
        }
        return nil
    }

    private func next(after index: Int, in family: [Int]?) -> Int? {
        guard let family, let place = family.firstIndex(of: index) else { return nil }
        func differs(_ other: Int) -> Bool { synsets[other].definition != synsets[index].definition }
        return family[(place + 1)...].first(where: differs) ?? family[..<place].first(where: differs)
    }

    private func key(_ synset: Synset, _ offset: Int) -> Hypernym {
        Hypernym(partOfSpeech: synset.partOfSpeech, offset: offset)
    }
}
