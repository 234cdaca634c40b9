import Files
import Tasks
import Diagnostics
import Embedding
import Foundation
import Models
import Numerics
import Results
import Specification

/// How fast the engine embeds STS-B's test sentences with PromptEOL, and how near that is to the time that the matrix
/// products take alone.
public struct EngineBenchmark: Sendable {
    public let modelName: String
    public let linear: LinearMaker
    public let threads: Int
    private let method: EmbeddingMethod
    private let prompts: Prompts
    private let encoder: Encoder
    private let products: ProductsAlone
    private let startSeconds: Double

    /// Loads everything, tokenises all prompts and computes the first.
    ///
    /// The sentences are the embedded ones wherever `BELLM_DATA` points: figures compare only on the same text.
    /// - Parameter step: 1 for all sentences, n for every n-th
    public init(
        model reference: ModelReference, configs: ConfigFolder, linear: LinearMaker, threads: Int,
        everyNth step: Int = 1
    ) async throws {
        let location = SourceLocation(file: "bellm bench")
        var prompt = try PromptConfig(named: "prompteol", in: configs, at: location).prompts[0]
        prompt.pooling = .last
        method = prompt
        let model = try reference.open()
        let data = try BenchmarkData(
            tasks: [TaskReference(configs.tasks().named("STS-B", at: location), at: location)],
            folder: BenchmarkData.folder(named: nil, environment: [:]))
        let sentences = data.sentences.sentences
        prompts = try Prompts(
            stride(from: 0, to: sentences.count, by: step).map { sentences[$0] }, by: method,
            tokenizer: model.tokenizer, contextLength: model.shape.contextLength)
        try AddressSpace.check(Double(model.residentBytes(linear)), workers: threads)
        encoder = Encoder(backbone: try model.backbone(linear: linear), workers: threads)
        let first = try Prompts(
            Array(sentences.prefix(1)), by: method,
            tokenizer: model.tokenizer, contextLength: model.shape.contextLength)
        _ = try await encoder.encode(first, methods: [method])
        startSeconds = ProcessFacts.secondsSinceStart ?? .nan
        products = try ProductsAlone(encoder, prompts, method: method)
        (modelName, self.linear, self.threads) = (reference.name, linear, threads)
    }

    /// Measures.
    ///
    /// - Parameters:
    ///   - repetitions: at least one
    ///   - observe: called after each, with its number from 1
    /// - Throws: `CancellationError` when the task is cancelled
    public func run(
        repetitions: Int, observe: @Sendable (Int, EngineRepetition) -> Void = { _, _ in }
    ) async throws -> EngineResult {
        var record = EngineRecord()
        (record.model, record.precision, record.threads) = (modelName, linear.precision.rawValue, threads)
        (record.sentences, record.tokens) = (prompts.tokens.count, prompts.tokenCount)
        (record.startSeconds, record.operations) = (startSeconds, products.operations)
        var measured: [EngineRepetition] = []
        // In turn: what disturbs the machine for a while disturbs both.
        for number in 1...max(1, repetitions) {
            let clock = ContinuousClock()
            let start = clock.now
            let encoding = try await encoder.encode(prompts, methods: [method])
            let seconds = (clock.now - start) / .seconds(1)
            if measured.isEmpty { record.peakBytes = ProcessFacts.peakResidentBytes }
            record.tokensComputed = encoding.tokensComputed
            record.prefixTokens = encoding.prefixTokens
            let productStart = clock.now
            try await products.run()
            measured.append(
                EngineRepetition(seconds: seconds, productSeconds: (clock.now - productStart) / .seconds(1)))
            observe(number, measured[number - 1])
        }
        record.seconds = Self.median(measured.map(\.seconds))
        record.productSeconds = Self.median(measured.map(\.productSeconds))
        record.bootstrapSeconds = Self.bootstrapSeconds()
        return EngineResult(provenance: provenance, engine: record, repetitions: measured)
    }

    /// Of STS14's 3,750 pairs, with gold scores that tie as its do.
    private static func bootstrapSeconds() -> Double {
        var generator = SplitMix64(seed: 9)
        let gold = (0..<3750).map { _ in Double(generator.next(below: 26)) / 5 }
        let cosines = gold.map { $0 + Double(generator.next(below: 1 << 20)) / 0x1p18 }
        let time = ContinuousClock().measure {
            _ = Bootstrap(resamples: 10_000, seed: 1).correlations(of: [cosines], with: gold, stream: "STS14")
        }
        return time / .seconds(1)
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    private var provenance: [ProvenanceEntry] {
        [
            ProvenanceEntry(ProvenanceEntry.programKey, ProgramVersion.description),
            ProvenanceEntry(ProvenanceEntry.createdKey, Date().formatted(.iso8601)),
            ProvenanceEntry("processor", Processor.current.name),
            ProvenanceEntry("arithmetic", Arithmetic.description),
            ProvenanceEntry("gemm_library", linear.library.rawValue),
            ProvenanceEntry("template", method.templates.description),
            ProvenanceEntry("normaliser", method.normaliser.rawValue),
            ProvenanceEntry("pooling", method.pooling.rawValue),
            ProvenanceEntry("chunk_tokens", String(encoder.chunkTokens)),
        ]
    }
}

extension EngineRecord {
    /// Labels and figures, for a terminal.
    public var lines: [(label: String, text: String)] {
        func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
        return [
            ("model", "\(model), \(precision), \(threads) threads"),
            ("sentences", "\(sentences), \(tokens) tokens"),
            ("time", "\(number(seconds, 2)) s"),
            ("tokens of the prompts", "\(Int(tokensPerSecond)) a second"),
            ("tokens computed", "\(tokensComputed)"),
            (
                "tokens shared",
                "\(tokensShared) (the first \(prefixTokens) of every prompt, and other common beginnings)"
            ),
            ("matrix products", "\(number(operationsPerSecond / 1e9, 0)) GFLOP/s"),
            (
                "products alone",
                "\(number(productSeconds, 2)) s, \(number(operations / productSeconds / 1e9, 0)) GFLOP/s"
            ),
            ("share of the floor", "\(number(100 * floorShare, 1)) %"),
            ("peak memory", "\(peakBytes / 1_000_000) MB"),
            ("start to first token", "\(number(startSeconds, 2)) s"),
            ("10,000 resamples of STS14", "\(number(bootstrapSeconds, 2)) s"),
        ]
    }
}
