import Diagnostics
import EmbeddingCache
import Files
import Foundation
import Models
import Numerics
import Weights

/// Where an encoder finds embeddings that are known already and leaves new ones, for one backbone.
///
/// An embedding's key is a digest of all that its bits depend on: the program, the processor, the weights, the
/// arithmetic, the method as far as it reaches, and the token ids and pooled positions of the prompt. Template,
/// normaliser and tokenizer are in it through the ids; what a layer above the hidden layer does has no part in the vector. Not in it is what leaves the bits as they are: threads, chunks,
/// companions, names.
public struct EncoderCache: Sendable {
    let vectors: VectorCache
    private let backbone: String
    /// Whether everything is computed anew, and stored in place of what is there.
    public var ignoresKnown = false

    /// - Parameter weightsSHA256: of the file that the backbone was read from
    public init(_ vectors: VectorCache, weightsSHA256: String, linear: LinearMaker) {
        self.vectors = vectors
        backbone = """
            bellm embedding, keys of version 2
            program \(Self.programSHA256)
            machine \(Arithmetic.description)
            weights \(weightsSHA256)
            precision \(linear.precision.rawValue), matrix library \(linear.library.rawValue)
            """
    }

    /// For each method, each prompt's key.
    func keys(_ prompts: Prompts, methods: [ResolvedMethod]) -> [[SHA256Digest]] {
        let digests = prompts.tokens.indices.map { prompts.digest(of: $0).bytes }
        return methods.map { method in
            let method = SHA256Digest(of: ([backbone] + method.cacheLines).joined(separator: "\n"))
            return digests.map { SHA256Digest(of: method.bytes + $0) }
        }
    }

    /// What lacks embeddings, found without reading those that are there.
    public func missing(
        _ prompts: Prompts, methods: [EmbeddingMethod], shape: BackboneShape
    ) throws(Diagnostic) -> MissingEmbeddings {
        let resolved = try methods.map { method throws(Diagnostic) in try ResolvedMethod(method, shape) }
        let isKnown = keys(prompts, methods: resolved).map { keys in
            ignoresKnown ? keys.map { _ in false } : vectors.has(keys)
        }
        return MissingEmbeddings(prompts, isKnown: isKnown)
    }

    /// The arithmetic's code. A digest of the program rather than a number that somebody must remember to raise when
    /// a kernel changes by a bit.
    /// Where it can't be read, no other process has this one.
    public static let programSHA256 =
        (try? MappedFile("/proc/self/exe").sha256().description) ?? "unknown: \(UUID().uuidString)"
}

extension Prompts {
    /// A digest of what a backbone gets of a prompt, and of what is pooled.
    fileprivate func digest(of prompt: Int) -> SHA256Digest {
        var hasher = SHA256Hasher()
        let ids = tokens[prompt]
        hasher.update([Int32(clamping: ids.count)].withUnsafeBytes { Array($0) })
        hasher.update(ids.withUnsafeBytes { Array($0) })
        for range in pooledPositions(prompt) ?? [0..<ids.count] {
            hasher.update(Array("\(range),".utf8))
        }
        // The companions' whole effect: keys that a bidirectional layer sees behind the prompt.
        if padding(prompt) > 0 { hasher.update(Array("padding \(padding(prompt))".utf8)) }
        return hasher.finalize()
    }
}
