import Diagnostics
import Files
import HDF5

/// What `bellm bench` measured: a precision's speed, and each repetition of it.
///
/// An HDF5 file with the tables `/engine` and `/repetitions`; its root's attributes say how it was made.
public struct EngineResult: Equatable, Sendable {
    public var provenance: [ProvenanceEntry]
    public var engine: EngineRecord
    public var repetitions: [EngineRepetition]

    public init(provenance: [ProvenanceEntry], engine: EngineRecord, repetitions: [EngineRepetition]) {
        self.provenance = provenance
        self.engine = engine
        self.repetitions = repetitions
    }

    /// Throws where such a file would replace another.
    public static func refuseOthers(at destination: OutputDestination) throws(Diagnostic) {
        try destination.refuseOther(than: "an HDF5 file that bellm bench wrote") { path in
            HDF5.isOwn(path, object: "engine")
        }
    }

    /// Writes the file, whole or not at all.
    public func write(to path: String) throws {
        try HDF5.naming(path) {
            let file = try HDF5File()
            for entry in provenance { try file.write(HDF5Attribute(entry.key, .text(entry.value))) }
            try file.write([engine], to: "engine")
            try file.write(repetitions, to: "repetitions")
            try OutputFile.replace(path, with: file.image())
        }
    }
}

/// One encoding of all sentences, and the same matrix products alone.
public struct EngineRepetition: Equatable, Sendable {
    public var seconds: Double
    public var productSeconds: Double

    public init(seconds: Double = 0, productSeconds: Double = 0) {
        self.seconds = seconds
        self.productSeconds = productSeconds
    }
}

/// The medians of a benchmark's repetitions, and what they are about.
public struct EngineRecord: Equatable, Sendable {
    public var model = ""
    public var precision = ""
    public var threads = 0
    public var sentences = 0
    /// Those of all prompts.
    public var tokens = 0
    /// Those that went through the model.
    public var tokensComputed = 0
    /// The length of the beginning that prompts share.
    public var prefixTokens = 0
    /// Floating-point operations of the matrix products that were done.
    public var operations = 0.0
    public var seconds = 0.0
    /// The same matrix products alone.
    public var productSeconds = 0.0
    public var peakBytes = 0
    /// From the process's start to the first computed token.
    public var startSeconds = 0.0
    /// 10,000 bootstrap resamples of as many pairs as STS14 has, on one thread.
    public var bootstrapSeconds = 0.0

    public init() {}

    /// Tokens that were not computed, because another prompt's states were theirs too.
    public var tokensShared: Int { tokens - tokensComputed }
    /// Tokens of the prompts a second: the figure that compares with programs that compute them all.
    public var tokensPerSecond: Double { Double(tokens) / seconds }
    public var operationsPerSecond: Double { operations / seconds }
    /// The share of the time that the matrix products alone would take.
    public var floorShare: Double { productSeconds / seconds }
}

extension EngineRepetition: TableRecord {
    package static var blank: EngineRepetition { EngineRepetition() }

    package static var columns: [TableColumn<EngineRepetition>] {
        [.real("seconds", \.seconds), .real("product_seconds", \.productSeconds)]
    }
}

extension EngineRecord: TableRecord {
    package static var blank: EngineRecord { EngineRecord() }

    package static var columns: [TableColumn<EngineRecord>] {
        [
            .text("model", \.model),
            .text("precision", \.precision),
            .integer("threads", \.threads),
            .integer("sentences", \.sentences),
            .integer("tokens", \.tokens),
            .integer("tokens_computed", \.tokensComputed),
            .integer("prefix_tokens", \.prefixTokens),
            .real("operations", \.operations),
            .real("seconds", \.seconds),
            .real("product_seconds", \.productSeconds),
            .integer("peak_bytes", \.peakBytes),
            .real("start_seconds", \.startSeconds),
            .real("bootstrap_seconds", \.bootstrapSeconds),
        ]
    }
}
