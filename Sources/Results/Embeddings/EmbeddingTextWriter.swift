import Files

/// Embeddings as JSON lines or comma-separated, numbers in the shortest form that reads back as the same float32.
final class EmbeddingTextWriter: EmbeddingWriter {
    private let sink: ByteSink
    private let isJSON: Bool
    private let columns: Int
    private let kept: [String]
    private let cells: CSVText.Style

    init(
        _ sink: ByteSink, format: EmbeddingFormat, columns: Int, kept: [String], cells: CSVText.Style
    ) throws {
        (self.sink, isJSON, self.columns) = (sink, format == .jsonl, columns)
        (self.kept, self.cells) = (kept, cells)
        guard !isJSON else { return }
        let names = kept.map { CSVText.field($0, style: cells) } + ["text"]
        let header = (names + (0..<columns).map { "d\($0)" }).joined(separator: ",") + "\n"
        try sink.append(Array(header.utf8))
    }

    func append(_ vectors: [Float], of sentences: [EmbeddedSentence]) throws {
        for (row, sentence) in sentences.enumerated() {
            let values = vectors[row * columns..<(row + 1) * columns]
            try sink.append(Array((isJSON ? json(sentence, values) : csv(sentence, values)).utf8))
        }
    }

    func finish() throws { try sink.finish() }

    private func json(_ sentence: EmbeddedSentence, _ values: ArraySlice<Float>) -> String {
        let numbers = values.map(\.description).joined(separator: ", ")
        let beside = zip(kept, sentence.kept).map { "\(JSONText.quoted($0)): \($1.json), " }.joined()
        return "{\(beside)\"text\": \(JSONText.quoted(sentence.text)), \"embedding\": [\(numbers)]}\n"
    }

    private func csv(_ sentence: EmbeddedSentence, _ values: ArraySlice<Float>) -> String {
        ((sentence.kept.map(\.text) + [sentence.text]).map { CSVText.field($0, style: cells) }
            + values.map(\.description)).joined(separator: ",") + "\n"
    }
}
