import Diagnostics
import Files
import Foundation

/// A checkpoint in several safetensors files, as `model.safetensors.index.json` lists them.
public struct ShardedSafetensors: TensorSource {
    /// The index.
    public let path: String
    /// In the order of their names.
    public let shards: [SafetensorsFile]
    private let shardOfTensor: [String: Int]

    public var files: [MappedFile] { shards.map(\.file) }
    public var names: [String] { shards.flatMap(\.names) }

    public func tensorIfPresent(_ name: String) -> StoredTensor? {
        shardOfTensor[name].flatMap { shards[$0].tensorIfPresent(name) }
    }

    /// Opens an index and its shards, which lie beside it.
    ///
    /// - Throws: where the index is damaged, a shard is missing, or index and shards disagree on where a tensor is: all
    ///   tensors concerned are named.
    public init(index path: String) throws {
        let weightMap = try JSONDocument(path: path).root.required("weight_map")
        guard weightMap.kind == .object else { throw weightMap.expected("an object") }
        var fileOfTensor: [(tensor: String, file: String)] = []
        for (tensor, node) in weightMap.members {
            let file = try node.string()
            guard !file.isEmpty, file != "..", !file.contains("/"), !file.contains("\0") else {
                throw node.expected("the name of a file beside the index")
            }
            fileOfTensor.append((tensor, file))
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        let fileNames = Set(fileOfTensor.map(\.file)).sorted()
        shards = try fileNames.map { try SafetensorsFile(folder.appendingPathComponent($0).path) }
        let indices = Dictionary(uniqueKeysWithValues: fileNames.enumerated().map { ($0.element, $0.offset) })
        shardOfTensor = Dictionary(fileOfTensor.map { ($0.tensor, indices[$0.file] ?? 0) }) { first, _ in first }
        self.path = path
        try checkIndex()
    }

    private func checkIndex() throws {
        let misplaced = shardOfTensor.keys.filter { tensorIfPresent($0) == nil }.sorted()
        let unlisted = shards.enumerated().flatMap { index, shard in
            shard.names.filter { shardOfTensor[$0] != index }
        }
        guard misplaced.isEmpty, unlisted.isEmpty else {
            let parts = [
                misplaced.isEmpty ? nil : "not in the file it names: \(misplaced.joined(separator: ", "))",
                unlisted.isEmpty ? nil : "in a file and not listed for it: \(unlisted.joined(separator: ", "))",
            ]
            throw Diagnostic(
                "the index and its files disagree; tensors " + parts.compactMap(\.self).joined(separator: "; "),
                at: SourceLocation(file: path), suggestion: ByteReader.downloadAgain)
        }
    }
}
