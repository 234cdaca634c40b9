import Files

/// Embeddings as JSON lines or comma-separated, numbers in the shortest form that reads back as the same float32.
final class EmbeddingTextWriter: EmbeddingWriter {
    private let sink: ByteSink
    private let isJSON: Bool
    private let columns: Int
    private let cells: CSVText.Style

    init(_ sink: ByteSink, format: EmbeddingFormat, columns: Int, cells: CSVText.Style) throws {
        (self.sink, isJSON, self.columns, self.cells) = (sink, format == .jsonl, columns, cells)
        guard !isJSON else { return }
        let header = (["text"] + (0..<columns).map { "d\($0)" }).joined(separator: ",") + "\n"
        try sink.append(Array(header.utf8))
    }

    func append(_ vectors: [Float], of sentences: [String]) throws {
        for (row, sentence) in sentences.enumerated() {
            let values = vectors[row * columns..<(row + 1) * columns]
            try sink.append(Array((isJSON ? Self.json(sentence, values) : csv(sentence, values)).utf8))
        }
    }

    func finish() throws { try sink.finish() }

    private static func json(_ sentence: String, _ values: ArraySlice<Float>) -> String {
        let numbers = values.map(\.description).joined(separator: ", ")
        return "{\"text\": \(JSONText.quoted(sentence)), \"embedding\": [\(numbers)]}\n"
    }

    private func csv(_ sentence: String, _ values: ArraySlice<Float>) -> String {
        ([CSVText.field(sentence, style: cells)] + values.map(\.description)).joined(separator: ",") + "\n"
    }
}
