import Embedding
import Files
import Tokenizers

extension Inspection {
    /// A model's tokenizer, and what becomes of a text.
    ///
    /// - Parameter text: cut into tokens, with those that go around every text; nil for none
    /// - Throws: where an id has no text.
    public init(tokenizer: any Tokenizer, text: String? = nil) throws {
        let (summary, frame) = (tokenizer.summary, tokenizer.frame)
        func spelled(_ ids: [Int32]) throws -> String {
            ids.isEmpty ? "nothing" : try ids.map { "\(try Self.piece($0, tokenizer)) (\($0))" }.joined(separator: " ")
        }
        add("kind", summary.kind)
        add("vocabulary", tokenizer.vocabularySize)
        add("before a text", try spelled(frame.before))
        add("behind a text", try spelled(frame.behind))
        add("normalisation", summary.normalisation)
        add("pre-tokenizer", summary.preTokenizer)
        add("tables of characters", summary.tables)
        add("special tokens", summary.special.count)
        if let length = tokenizer.maximumLength { add("longest text (model_max_length)", length) }
        add("SHA-256", tokenizer.fingerprint.description)
        remarks += summary.notes + summary.warnings
        guard let text else {
            tables.append(
                Table(
                    name: "special token table", columns: ["id", "special token"],
                    rows: summary.special.map { [.integer(Int($0.id)), .text($0.text)] }))
            return
        }
        let tokens = try tokenizer.encode(text)
        let bytes = Array(text.utf8)
        func row(_ id: Int32, _ range: Range<Int>?) throws -> [Value] {
            let source = range.map { JSONText.quoted(String(decoding: bytes[$0], as: UTF8.self)) } ?? "added"
            let place = range.map { "\($0.lowerBound)..<\($0.upperBound)" } ?? ""
            return [.integer(Int(id)), .text(try Self.piece(id, tokenizer)), .text(source), .text(place)]
        }
        let before = try frame.before.map { try row($0, nil) }
        let behind = try frame.behind.map { try row($0, nil) }
        tables.append(
            Table(
                name: "tokens of the text", columns: ["id", "piece", "of the text", "bytes"],
                rows: before + (try tokens.map { try row($0.id, $0.bytes) }) + behind))
        let lost = tokenizer.unencodedByteCount(of: tokens, in: text)
        if lost > 0 { remarks.append("\(lost) bytes of the text have no token") }
    }

    /// A token's text in quotes.
    private static func piece(_ id: Int32, _ tokenizer: any Tokenizer) throws -> String {
        JSONText.quoted(try tokenizer.decode([id]))
    }
}
