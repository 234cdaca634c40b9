/// One embedding method on one backbone: what it was, what it cost, and what there is to say about it.
public struct RunRecord: Equatable, Sendable {
    /// The run's name, unique in its result.
    public var name: String

    /// The columns of tables that tell it from others, and what stands there, in their order; empty where its name does.
    public var factors: [Factor] = []

    /// A column of tables, and a run's cell.
    public struct Factor: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    /// What decides the scores but the seed: the digest of the resolved run without its seed and names, 64 hexadecimal
    /// digits. Runs of one id are one method, with several seeds. Empty in files of schema version 1.
    public var methodID = ""
    /// The backbone's name, such as `smollm2-135m`.
    public var backbone = ""
    /// The file that the weights were read from.
    public var modelFile = ""
    /// SHA-256 of the weights' file, 64 hexadecimal digits.
    public var weightsSHA256 = ""
    /// SHA-256 of the tokenizer, 64 hexadecimal digits.
    public var tokenizerSHA256 = ""
    /// The adapter on top of the weights; empty for none.
    public var adapter = ""
    /// The digest of the adapter's weights and settings, and of its head's; empty for none.
    public var adapterSHA256 = ""
    /// What makes embeddings of pooled states, such as `576 → 256 tanh`; empty where those are the embeddings.
    public var head = ""
    /// The seed of the adapter's training; -1 where it wasn't trained for the run.
    public var seed = -1
    /// The arithmetic's precision, such as `float32`.
    public var precision = ""

    /// The embedding method's fields.
    public var method = MethodRecord()
    /// How many layers the backbone has; 0 where the file doesn't say.
    public var layerCount = 0
    /// The name of the shared prompt that gave the template; empty where the experiment writes the template itself.
    public var prompt = ""
    /// What is done to the embeddings, such as `whiten STS-B-train`; `none` for nothing.
    public var postprocessing = ""
    /// How many of their dimensions are compared; 0 in files of earlier versions.
    public var dimensions = 0

    /// Sentences of all tasks, with repetitions.
    public var sentences = 0
    /// Distinct sentences: those that were encoded. With visible padding, a sentence counts for each length that it is
    /// padded to.
    public var uniqueSentences = 0
    /// Tokens of the distinct sentences' prompts, after truncation.
    public var tokens = 0
    /// Tokens that went through the model: fewer than `tokens` where a prompt's prefix is shared, or where embeddings
    /// were known from an earlier run.
    public var tokensComputed = 0
    /// Distinct sentences whose embedding was in the cache.
    public var cacheHits = 0
    /// Distinct sentences whose embedding was looked for in the cache and computed; 0 without a cache.
    public var cacheMisses = 0
    /// Distinct sentences that were cut at the length limit.
    public var truncatedSentences = 0
    /// Distinct sentences that leave no token, and so have a zero vector.
    public var emptySentences = 0
    /// Wall time in seconds.
    public var seconds = 0.0
    /// The process's largest resident memory, in bytes.
    public var peakBytes = 0

    /// What a reader of the scores must know, one sentence each.
    public var warnings: [String] = []
    /// The first sentence's prompt, as the tokenizer received it.
    public var firstPrompt = ""
    /// The first prompt's token ids.
    public var firstTokenIDs: [Int] = []

    public init(name: String) {
        self.name = name
    }
}
