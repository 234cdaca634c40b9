import ArgumentParser
import Embedding
import Running

/// Whether to use the embedding cache.
struct CacheOptions: ParsableArguments {
    @Flag(
        help: """
            Compute everything, and keep nothing for later runs. Else embeddings go to embeddings.sqlite in the cache \
            folder, up to BELLM_CACHE_SIZE (2 GB by default).
            """)
    var noCache = false

    func open() throws -> CacheUse? { noCache ? nil : try CacheUse(warn: Console.warning) }
}

extension Encoding {
    /// What the cache had; nil without one.
    var cacheLine: String? {
        lookups.reduce(into: CacheLookups()) { sum, lookup in
            sum.hits += lookup.hits
            sum.misses += lookup.misses
        }.line
    }
}

extension CacheLookups {
    /// What the cache had; nil where it wasn't asked.
    var line: String? { hits + misses == 0 ? nil : "cache: \(hits) hits, \(misses) misses" }
}
