import Tasks

extension LoadedTask {
    /// How many of its scored pairs another task has too, in either order, as far as letters and digits tell.
    package func count(ofPairsIn other: LoadedTask) -> Int {
        func key(_ pair: SentencePair) -> Set<SentenceKey> { [SentenceKey(pair.first), SentenceKey(pair.second)] }
        let others = Set(other.pairs.map(key))
        return pairs.count { others.contains(key($0)) }
    }
}
