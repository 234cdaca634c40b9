/// What remains to be computed where some embeddings are known.
public struct MissingEmbeddings: Hashable, Sendable {
    /// The methods that lack an embedding of any prompt.
    public let methods: [Int]
    /// The prompts that lack an embedding of any method; those without tokens lack none.
    public let prompts: [Int]
    /// For each method, what was found.
    public let lookups: [CacheLookups]

    /// - Parameter isKnown: for each method and prompt
    init(_ prompts: Prompts, isKnown: [[Bool]]) {
        let candidates = prompts.tokens.indices.filter { !prompts.tokens[$0].isEmpty }
        let lookups = isKnown.map { isKnown in
            let hits = candidates.count { isKnown[$0] }
            return CacheLookups(hits: hits, misses: candidates.count - hits)
        }
        methods = lookups.indices.filter { lookups[$0].misses > 0 }
        self.prompts = candidates.filter { prompt in !isKnown.allSatisfy { $0[prompt] } }
        self.lookups = lookups
    }
}

/// How many embeddings of a method were found in the cache, and how many weren't.
public struct CacheLookups: Hashable, Sendable {
    public var hits = 0
    public var misses = 0

    public init(hits: Int = 0, misses: Int = 0) { (self.hits, self.misses) = (hits, misses) }
}
