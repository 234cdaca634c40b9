extension LoadedTask {
    /// The batches in which SentEval's scripts hand a task's sentences to an encoder: indices of the content's sentences.
    ///
    /// Each file of STS12 to STS16 is sorted by words of the first sentence, words of the second and gold score, STS-B
    /// and SICK-R stay in their files' order, and transfer tasks are sorted by words and class, part by part. First
    /// and second sentences go in batches of their own.
    ///
    /// Source: `senteval/sts.py`, `binary.py`, `sst.py`, `trec.py` and `mrpc.py`; sts.py as SimCSE's, PromptEOL's and
    /// BeLLM's forks have it.
    ///
    /// - Parameters:
    ///   - size: sentences of a batch, at least 1
    ///   - padsWordLists: BeLLM's fork, where all word lists of a file of STS12 to STS16 have the same length: the gold
    ///     score alone decides the order
    public func batches(of size: Int, padsWordLists: Bool) -> [[Int]] {
        switch content {
        case .pairs(let pairs):
            let order = pairs.map { pair in
                let words = padsWordLists ? [] : [pair.first, pair.second].map(LabelledExample.words)
                return (words.map(Double.init) + [pair.gold])
            }
            return files(of: pairs).flatMap { members in
                Self.batches(of: size, isSortedByFile ? Self.sorted(members, by: order) : members, sentences: 2)
            }
        case .examples(let examples):
            let keys = examples.map { $0.sortingKey.map(Double.init) }
            let parts: [LabelledExample.Part] = [.training, .development, .test]
            return parts.flatMap { part in
                let members = examples.indices.filter { examples[$0].part == part }
                return Self.batches(
                    of: size, Self.sorted(members, by: keys), sentences: examples.first?.sentences.count ?? 1)
            }
        }
    }

    /// Whether each subset is a file of its own, which SentEval sorts.
    private var isSortedByFile: Bool { if case .subsets = task.layout { true } else { false } }

    /// The pairs of each file.
    private func files(of pairs: [SentencePair]) -> [[Int]] {
        guard isSortedByFile else { return [Array(pairs.indices)] }
        let members = Dictionary(grouping: pairs.indices) { pairs[$0].subset }
        return subsets.map { members[$0] ?? [] }
    }

    /// The sort is stable, as Python's.
    private static func sorted(_ members: [Int], by keys: [[Double]]) -> [Int] {
        members.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) }
    }

    /// - Parameter sentences: of each member; they follow each other in the content.
    private static func batches(of size: Int, _ members: [Int], sentences: Int) -> [[Int]] {
        stride(from: 0, to: members.count, by: size).flatMap { start in
            (0..<sentences).map { place in
                members[start..<min(start + size, members.count)].map { $0 * sentences + place }
            }
        }
    }
}
