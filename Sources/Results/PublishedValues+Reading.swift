import Diagnostics
import Yams

// The shape of results/reference/published.yaml: papers by their short names, each with what was read of it.

extension PublishedValues {
    /// The file's keys; what isn't among them is a mistake, and would be a fact that nobody sees.
    private enum Keys {
        static let paper = [
            "source", "text", "differs", "protocol", "notes", "remarks", "prompts", "cosines", "rows",
        ]
        static let row = ["name", "backbone", "trained", "scores", "avg", "other", "relative_time"]
        static let texts = ["raw", "senteval"]
    }

    /// A paper's rows with scores on tasks.
    static func rows(of paper: Node, _ body: Node, in path: String) throws -> [PublishedRow] {
        guard let name = paper.string, let source = body["source"]?.string, let rows = body["rows"]?.sequence else {
            throw Diagnostic("expected a paper with `source` and `rows`", at: place(of: paper, in: path))
        }
        try checkKeys(of: body, "key of a paper", among: Keys.paper, in: path)
        let text = try body["text"].map { node throws(Diagnostic) in
            let text = node.string ?? ""
            guard Keys.texts.contains(text) else {
                throw .unknown("text variant", text, among: Keys.texts, at: place(of: node, in: path))
            }
            return text
        }
        let differences = try body["differs"].map { try texts($0, in: path) } ?? []
        return try rows.compactMap { node in
            guard var row = try row(node, of: name, in: path) else { return nil }
            (row.source, row.text, row.differences) = (source, text ?? "", differences)
            return row
        }
    }

    /// One row; nil where it has no scores on tasks.
    private static func row(_ node: Node, of paper: String, in path: String) throws -> PublishedRow? {
        guard let name = node["name"]?.string, let backbone = node["backbone"]?.string,
            let trained = node["trained"]?.string
        else {
            throw Diagnostic("expected a row with `name`, `backbone` and `trained`", at: place(of: node, in: path))
        }
        try checkKeys(of: node, "key of a row", among: Keys.row, in: path)
        guard let scores = node["scores"] else { return nil }
        guard let tasks = scores.mapping else {
            throw Diagnostic("expected a mapping of tasks to scores", at: place(of: scores, in: path))
        }
        return PublishedRow(
            paper: paper, name: name, backbone: backbone, trained: trained,
            scores: try tasks.map { task, score in
                PublishedRow.TaskScore(task.string ?? "", try number(score, in: path))
            }, average: try node["avg"].map { try number($0, in: path) })
    }

    /// Sentences, and the cosines of pairs of them by their indices: `"0,1": 0.8`.
    static func cosines(_ node: Node, in path: String) throws -> PublishedCosines {
        try checkKeys(of: node, "key of cosines", among: ["normaliser", "sentences", "pairs"], in: path)
        guard let sentences = try node["sentences"].map({ try texts($0, in: path) }), let pairs = node["pairs"]?.mapping
        else { throw Diagnostic("expected `sentences` and `pairs`", at: place(of: node, in: path)) }
        return PublishedCosines(
            sentences: sentences, normaliser: node["normaliser"]?.string,
            pairs: try pairs.map { key, value in
                let indices = (key.string ?? "").split(separator: ",").compactMap { Int($0) }
                guard indices.count == 2, indices.allSatisfy(sentences.indices.contains) else {
                    throw Diagnostic(
                        "expected two sentences' numbers from 0 to \(sentences.count - 1), such as \"0,1\"",
                        at: place(of: key, in: path))
                }
                return PublishedCosines.Pair(
                    first: indices[0], second: indices[1], cosine: try number(value, in: path))
            })
    }

    private static func checkKeys(of node: Node, _ kind: String, among keys: [String], in path: String) throws {
        for key in node.mapping?.keys.map(\.self) ?? [] where !keys.contains(key.string ?? "") {
            throw Diagnostic.unknown(kind, key.string ?? "", among: keys, at: place(of: key, in: path))
        }
    }

    private static func texts(_ node: Node, in path: String) throws -> [String] {
        let texts = node.sequence?.compactMap(\.string)
        guard let texts, texts.count == node.sequence?.count else {
            throw Diagnostic("expected a list of sentences", at: place(of: node, in: path))
        }
        return texts
    }

    private static func number(_ node: Node, in path: String) throws -> Double {
        guard let number = node.float, number.isFinite else {
            throw Diagnostic("expected a score, found \"\(node.string ?? "")\"", at: place(of: node, in: path))
        }
        return number
    }

    private static func place(of node: Node, in path: String) -> SourceLocation {
        SourceLocation(file: path, line: node.mark?.line, column: node.mark?.column)
    }
}
