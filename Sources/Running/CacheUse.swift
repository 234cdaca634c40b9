import Embedding
import EmbeddingCache
import Files
import Foundation
import Numerics

/// How an experiment uses the embedding cache.
public struct CacheUse: Sendable {
    private let vectors: VectorCache
    /// Whether everything is computed anew, and stored in place of what is there.
    public var ignoresKnown = false

    /// Opens the cache of this machine, with the size that `BELLM_CACHE_SIZE` allows it.
    ///
    /// - Parameter warn: gets a line where the cache can't be used as it is
    /// - Returns: nil where its size is 0.
    /// - Throws: where the size isn't one.
    public init?(folder: CacheFolder = CacheFolder(), warn: @escaping @Sendable (String) -> Void) throws {
        let limit = try VectorCache.limit()
        guard limit > 0 else { return nil }
        vectors = VectorCache(path: Self.file(in: folder), limit: limit, warn: warn)
    }

    /// Whether this machine has a cache already.
    public static func exists(folder: CacheFolder = CacheFolder()) -> Bool {
        FileManager.default.fileExists(atPath: file(in: folder))
    }

    private static func file(in folder: CacheFolder) -> String { folder.file("embeddings.sqlite") }

    /// The cache for one backbone; nil where it can't be used.
    public func encoderCache(weightsSHA256: String, linear: LinearMaker) -> EncoderCache? {
        guard vectors.isOpen else { return nil }
        var cache = EncoderCache(vectors, weightsSHA256: weightsSHA256, linear: linear)
        cache.ignoresKnown = ignoresKnown
        return cache
    }
}
