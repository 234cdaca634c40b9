import Diagnostics
import Embedding
import Files
import Foundation
import HDF5
import Numerics
import Results

/// The embeddings of a run that isn't finished, a file a block, each written whole: what stopping, or working on one run in
/// several processes, leaves to others.
package struct BlockStore: Sendable {
    /// Where the run's blocks are.
    let folder: String
    package let blocks: [SentenceBlock]
    /// Called when a block was computed and is on the disk.
    package var written: @Sendable () -> Void = {}

    package init(folder: String, blocks: [SentenceBlock]) {
        (self.folder, self.blocks) = (folder, blocks)
    }

    /// What a block holds, and what it cost.
    struct Content {
        /// [methods x prompts, hidden]: method after method.
        var values: [Float]
        var columns: Int
        var tokensComputed: Int
        var seconds: Double
        var peakBytes: Int
    }

    private enum Attribute {
        static let arithmetic = "arithmetic"
        static let tokens = "tokens_computed"
        static let microseconds = "microseconds"
        static let peakBytes = "peak_bytes"
    }

    private func path(of block: SentenceBlock) -> String { "\(folder)/\(block.name).h5" }

    func has(_ block: SentenceBlock) -> Bool { FileManager.default.fileExists(atPath: path(of: block)) }

    /// Whether all blocks are there.
    package var isComplete: Bool { blocks.allSatisfy(has) }

    /// What is on the disk; nil where nothing is.
    func read(_ block: SentenceBlock) throws -> Content? {
        guard has(block) else { return nil }
        let path = path(of: block)
        let matrix = try HDF5.readMatrix(in: path)
        guard matrix.rows % max(block.prompts.count, 1) == 0 else {
            throw Diagnostic(
                "expected \(block.prompts.count) rows a method, found \(matrix.rows)",
                at: SourceLocation(file: path), suggestion: "delete it and run again")
        }
        var numbers: [String: Int] = [:]
        for attribute in try HDF5.readAttributes(in: path) {
            if case .integer(let value) = attribute.value { numbers[attribute.name] = value }
        }
        return Content(
            values: matrix.values, columns: matrix.columns, tokensComputed: numbers[Attribute.tokens] ?? 0,
            seconds: Double(numbers[Attribute.microseconds] ?? 0) / 1e6, peakBytes: numbers[Attribute.peakBytes] ?? 0)
    }

    func write(_ content: Content, as block: SentenceBlock) throws {
        let rows = content.values.count / max(content.columns, 1)
        try HDF5.writeMatrix(
            to: path(of: block), shape: (rows, content.columns),
            attributes: [
                HDF5Attribute(Attribute.arithmetic, .text(Arithmetic.description)),
                HDF5Attribute(Attribute.tokens, .integer(content.tokensComputed)),
                HDF5Attribute(Attribute.microseconds, .integer(Int(content.seconds * 1e6))),
                HDF5Attribute(Attribute.peakBytes, .integer(content.peakBytes)),
            ]
        ) { try $0.append(content.values) }
        written()
    }

    /// By which arithmetics the blocks that are there were computed, in order: an element of an array may run on a machine
    /// of another kind than the next.
    package func arithmetics() throws -> [String] {
        var found: [String] = []
        for block in blocks where has(block) {
            for attribute in try HDF5.readAttributes(in: path(of: block)) where attribute.name == Attribute.arithmetic {
                if case .text(let text) = attribute.value, !found.contains(text) { found.append(text) }
            }
        }
        return found
    }

    /// Removes the blocks of a run that is finished.
    package func removeAll() { try? FileManager.default.removeItem(atPath: folder) }
}
