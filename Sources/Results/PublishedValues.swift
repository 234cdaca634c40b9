import Diagnostics
import Files
import Yams

/// The cosines of some sentences, as a paper gives them.
public struct PublishedCosines: Equatable, Sendable {
    public var sentences: [String]
    /// The name of what the sentences go through before the prompt; nil for what the run's do.
    public var normaliser: String?
    /// By the sentences' indices.
    public var pairs: [Pair]

    public struct Pair: Equatable, Sendable {
        public var first, second: Int
        public var cosine: Double
    }
}

/// The published scores that results are compared with: `results/reference/published.yaml`.
public struct PublishedValues: Equatable, Sendable {
    /// Every row with scores on tasks, in the file's order.
    public let rows: [PublishedRow]
    /// For papers that give some, the cosines of sentences.
    private let cosines: [String: PublishedCosines]
    private let file: String
    private let papers: [String]

    /// Reads the file.
    ///
    /// - Throws: a diagnostic with line and column for what is not YAML, or not of the file's shape.
    public init(contentsOf path: String) throws {
        let location = SourceLocation(file: path)
        let text = try TextFile.text(of: path, atMost: .yaml)
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw Diagnostic("expected YAML: \(error)", at: location)
        }
        guard let papers = root?.mapping else { throw Diagnostic("expected a mapping of papers", at: location) }
        file = path
        self.papers = papers.compactMap(\.key.string)
        var cosines: [String: PublishedCosines] = [:]
        for (paper, body) in papers {
            guard let name = paper.string, let node = body["cosines"] else { continue }
            cosines[name] = try Self.cosines(node, in: path)
        }
        self.cosines = cosines
        rows = try papers.flatMap { paper, body in try Self.rows(of: paper, body, in: path) }
    }

    /// A paper's rows with scores on tasks.
    ///
    /// - Throws: a diagnostic with the nearest name, or where the paper has no such row.
    public func rows(ofPaper paper: String) throws(Diagnostic) -> [PublishedRow] {
        guard papers.contains(paper) else {
            throw Diagnostic.unknown("paper", paper, among: papers, at: SourceLocation(file: file))
        }
        let rows = rows.filter { $0.paper == paper }
        guard !rows.isEmpty else {
            throw Diagnostic("no row of \(paper) has scores on tasks", at: SourceLocation(file: file))
        }
        return rows
    }

    /// The cosines of sentences that a paper gives.
    ///
    /// - Throws: a diagnostic with the nearest name, or where the paper gives none.
    public func cosines(ofPaper paper: String) throws(Diagnostic) -> PublishedCosines {
        guard let found = cosines[paper] else {
            throw Diagnostic.unknown(
                "paper with cosines", paper, among: cosines.keys.sorted(), at: SourceLocation(file: file))
        }
        return found
    }

    /// One row by its paper's and its own name.
    ///
    /// - Throws: a diagnostic with the nearest name.
    public func row(paper: String, name: String) throws(Diagnostic) -> PublishedRow {
        let candidates = try rows(ofPaper: paper)
        guard let row = candidates.first(where: { $0.name == name }) else {
            throw Diagnostic.unknown(
                "row of \(paper)", name, among: candidates.map(\.name), at: SourceLocation(file: file))
        }
        return row
    }
}
