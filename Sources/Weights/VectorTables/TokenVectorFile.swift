import Diagnostics
import Files

/// A vector for each token of a tokenizer, as the module `StaticEmbedding` of sentence-transformers keeps them: the tensor
/// `embedding.weight`, or model2vec's `embeddings` with what each token weighs in `weights`.
///
/// Source: github.com/huggingface/sentence-transformers, `modules/static_embedding.py`, version 6.2.
public struct TokenVectorFile: VectorTable {
    /// The safetensors file.
    public let path: String
    private let source: SafetensorsFile
    /// [tokens, dimensions]
    private let rows: StoredTensor
    /// What each token's vector is multiplied by; nil for nothing.
    private let weights: [Float]?

    /// Opens `model.safetensors` in a module's folder; decodes no vector.
    ///
    /// - Throws: where it is missing or damaged, or has tensors that are not known here.
    public init(inFolder folder: String) throws {
        path = FilePath.join(folder, "model.safetensors")
        let source = try SafetensorsFile(path)
        self.source = source
        let expected = source.names.contains("embedding.weight") ? ["embedding.weight"] : ["embeddings", "weights"]
        let location = SourceLocation(file: path)
        if let unknown = source.names.first(where: { !expected.contains($0) }) {
            throw Diagnostic(
                unknown == "mapping"
                    ? "tokens that share rows by the tensor \"mapping\" are not supported"
                    : "expected the tensors of a StaticEmbedding (\(expected.joined(separator: ", "))), found \"\(unknown)\"",
                at: location)
        }
        rows = try source.tensor(named: expected[0])
        guard rows.shape.count == 2 else {
            throw Diagnostic("expected \"\(rows.name)\" as [tokens, dimensions], found \(rows.shape)", at: location)
        }
        weights = try source.tensorIfPresent("weights").map { [rows] tensor in
            guard tensor.shape == [rows.rows] else {
                throw Diagnostic(
                    "expected \"weights\" as [\(rows.rows)], one for each token, found \(tensor.shape)", at: location)
            }
            return try tensor.decoded(rows: 0..<1)
        }
    }

    public var count: Int { rows.rows }
    public var dimensions: Int { rows.columns }
    public var fileBytes: Int { source.fileBytes }
    public func sha256() -> SHA256Digest { source.sha256() }

    public func vector(_ index: Int) throws -> [Float] {
        let row = try rows.decoded(rows: index..<index + 1)
        guard let weight = weights?[index] else { return row }
        return row.map { $0 * weight }
    }
}
