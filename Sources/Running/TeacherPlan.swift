import Diagnostics
import Embedding
import Files
import Models
import Numerics
import Specification
import Tasks
import Training

/// A model that teaches: what it embeds, known before any work. Its cosines are computed once for all trainings that learn the same
/// from it, and the cache keeps what they are made of.
public struct TeacherPlan: Sendable {
    /// How it embeds, as a run.
    let run: RunSpec
    let model: PretrainedModel
    private let weightsSHA256: String
    /// The sentences of all pairs, a pair's one after the other.
    private let embedder: SentenceEmbedder
    private let workload: [Workload]
    /// What decides its vectors, whatever the words that say it and wherever its file lies.
    let identity: SHA256Digest
    /// Of its cosines: trainings that have the same learn the same from it.
    let lesson: SHA256Digest

    /// - Parameter examples: of two sentences each; of others nothing is taught
    init(_ declared: RunSpec, examples: [TrainingExample]) throws {
        let opened = try declared.model.open()
        try declared.check(opened, roles: [.sentence])
        let shape = opened.shape
        let settled = declared.settled(on: shape)
        (run, model) = (settled, opened)
        let weights = try declared.model.sha256 ?? opened.weightsSHA256().description
        weightsSHA256 = weights
        let sentences = examples.filter { $0.sentences.count == 2 }.flatMap(\.sentences)
        let embedder = try SentenceEmbedder(sentences, methods: settled.methods, model: opened)
        self.embedder = embedder
        workload = try zip(embedder.prompts, settled.methods).map { try Workload($0, methods: [$1], shape: shape) }
        let head = try settled.head(on: shape)
        identity = SHA256Digest(
            of: """
                bellm teacher, version 1
                weights \(weights)
                precision \(settled.linear.precision.rawValue), matrix library \(settled.linear.library.rawValue)
                head \(head?.title ?? "none")
                \(try settled.methods.flatMap { try ResolvedMethod($0, shape).lines }.joined(separator: "\n"))
                \(try opened.idFacts(of: settled.methods).joined(separator: "\n"))
                """)
        lesson = SHA256Digest(of: "\(identity)\n" + sentences.joined(separator: "\u{1E}"))
    }

    /// As in a plan.
    var title: String {
        "\(run.model.name), \(run.method.pooling) pooling, hidden layer \(run.method.layer), template "
            + run.methods.map(\.templates.description).joined(separator: " and ")
    }

    var warnings: [String] {
        let cut = embedder.prompts.map(\.truncated).max() ?? 0
        return cut == 0 ? [] : ["the teacher \(run.model.name) sees \(cut) sentences cut at its length limit"]
    }

    /// Of its matrix products, where the cache has nothing.
    var operations: Double { workload.map(\.operations).reduce(0, +) }

    /// Weights, intermediate results and embeddings, in bytes.
    func bytes(workers: Int) -> Double {
        let shape = model.shape
        let isStreamed = PassPlan.streams(model, linear: run.linear)
        let weights = isStreamed ? 3.5 * model.layerBytes(run.linear) : Double(model.residentBytes(run.linear))
        let largest =
            workload.map { work in
                let own = work.chunkRows.prefix(workers).reduce(0) {
                    $0 + shape.workspaceBytes(rows: $1, linear: run.linear)
                }
                return own + (isStreamed ? Double(4 * work.tokensComputed * shape.hiddenSize) : 0)
            }.max() ?? 0
        let vectors = embedder.prompts.reduce(0) { $0 + $1.tokens.count }
        return 1.06 * weights + largest + Double(4 * vectors * shape.hiddenSize)
    }

    /// The cosine of each pair.
    ///
    /// - Throws: where the file doesn't hash to what the catalogue says, and where a sentence has no vector.
    func similarities(
        workers: Int, cache: CacheUse?, progress: @escaping @Sendable (EncodingProgress) -> Void
    ) async throws -> [Double] {
        let found = try model.weightsSHA256().description
        try run.model.check(weightsSHA256: found)
        guard found == weightsSHA256 else {
            throw Diagnostic(
                "the teacher's weights have changed since they were first read",
                at: SourceLocation(file: run.model.file), suggestion: "run it again")
        }
        try AddressSpace.check(bytes(workers: workers), workers: workers)
        let isStreamed = PassPlan.streams(model, linear: run.linear)
        var encoder = Encoder(
            backbone: try model.backbone(linear: run.linear, isStreamed: isStreamed), workers: workers)
        encoder.isStreamed = isStreamed
        encoder.head = try run.head(from: nil, on: model.shape)
        encoder.cache = cache?.encoderCache(weightsSHA256: weightsSHA256, linear: run.linear)
        let (embeddings, rows) = try await embedder.embed(
            by: encoder, progress: { progress($1) }, observe: { _ in })
        return stride(from: 0, to: rows.count, by: 2).map { first in
            cosine(embeddings.array(row: rows[first]), embeddings.array(row: rows[first + 1]))
        }
    }
}

extension [TrainingExample] {
    /// With what a teacher says of each.
    func taught(by similarities: [Double]) -> [TrainingExample] {
        zip(self, similarities).map { $0.taught(by: $1) }
    }

    /// As a teacher's pupils see them before it has said anything: to find out whether an objective can learn from them.
    var awaitingTeacher: [TrainingExample] { map { $0.taught(by: 0) } }
}
