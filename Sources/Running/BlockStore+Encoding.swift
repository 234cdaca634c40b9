import Embedding
import Foundation
import Numerics

extension BlockStore {
    /// Computes a block, unless it is there.
    ///
    /// - Parameter isKept: whether it goes to the disk
    func content(
        of block: SentenceBlock, in pass: PassPlan, isKept: Bool = true, encoder: () throws -> Encoder,
        progress: @escaping @Sendable (EncodingProgress) -> Void
    ) async throws -> Content {
        if let known = try read(block) { return known }
        let start = ContinuousClock.now
        let encoding: Encoding
        do {
            encoding = try await encoder().encode(
                pass.prompts[block.prompts], methods: pass.methods, progress: progress)
        } catch var error as NotFinite {
            error.prompt += block.prompts.lowerBound
            throw error
        }
        let content = Content(
            values: encoding.embeddings.flatMap { matrix in
                (0..<matrix.rows).flatMap { matrix.array(row: $0) }
            },
            columns: encoding.embeddings.first?.columns ?? 0, tokensComputed: encoding.tokensComputed,
            seconds: (ContinuousClock.now - start) / .seconds(1), peakBytes: ProcessFacts.peakResidentBytes)
        if isKept { try write(content, as: block) }
        return content
    }

    /// A pass of the run, block by block: those that are there are read, the others computed and kept.
    ///
    /// - Parameters:
    ///   - number: which of the run's passes
    ///   - encoder: called where something is to be computed
    func encode(
        _ pass: PassPlan, number: Int, encoder: () throws -> Encoder,
        progress: @escaping @Sendable (EncodingProgress) -> Void
    ) async throws -> (encoding: Encoding, seconds: Double, peakBytes: Int) {
        var matrices: [Matrix] = []
        var (tokens, seconds, peak) = (0, 0.0, 0)
        for block in blocks where block.pass == number {
            // A lone block would be read back at once.
            let content = try await content(
                of: block, in: pass, isKept: blocks.count > 1, encoder: encoder, progress: progress)
            let columns = content.columns
            if matrices.isEmpty {
                matrices = pass.methods.map { _ in Matrix(rows: pass.prompts.tokens.count, columns: columns) }
            }
            for (method, matrix) in matrices.enumerated() {
                for (row, prompt) in block.prompts.enumerated() {
                    let start = (method * block.prompts.count + row) * columns
                    matrix.assign(row: prompt, from: Array(content.values[start..<start + columns]))
                }
            }
            tokens += content.tokensComputed
            seconds += content.seconds
            peak = max(peak, content.peakBytes)
        }
        let encoding = Encoding(
            embeddings: matrices.map(FrozenMatrix.init(freezing:)), tokensComputed: tokens, prefixTokens: 0,
            lookups: pass.methods.map { _ in CacheLookups() })
        return (encoding, seconds, peak)
    }
}
