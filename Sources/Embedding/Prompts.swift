import Diagnostics
import Tokenizers

/// Sentences as a backbone gets them: normalised, in their template, tokenised, cut at the context length.
public struct Prompts: Sendable {
    /// Each sentence's token ids, a negative one for a placeholder, padding last; none where nothing of it is left to be
    /// pooled.
    public private(set) var tokens: [[Int32]] = []
    /// For each sentence, how many of its tokens are padding; empty where none is padded.
    private var paddings: [Int] = []
    /// For each sentence, the positions that pooling reads; empty where it reads all of every prompt.
    private var pooledRanges: [[Range<Int>]] = []
    /// How many sentences lost tokens at their end because the prompt was longer than the context.
    public private(set) var truncated = 0
    /// Bytes of all prompts that the vocabulary has no token for.
    public private(set) var unencodedBytes = 0
    /// How many prompts begin with white space.
    public private(set) var spacedCount = 0
    /// The first prompt, as text.
    public private(set) var first = ""
    /// Whether what pooling reads may end before the prompt does, though its place is the template's last: behind it stands
    /// what the model expects at the end of every text, such as `[SEP]`.
    private(set) var endsBehindPooled = false
    /// The tokens that most prompts of this template begin with.
    public let templatePrefix: [Int32]

    public var emptyCount: Int { tokens.count(where: \.isEmpty) }
    public var tokenCount: Int { tokens.reduce(0) { $0 + $1.count } }

    /// How many of a prompt's tokens are padding: its last ones.
    public func padding(_ prompt: Int) -> Int { paddings.isEmpty ? 0 : paddings[prompt] }

    /// The positions of a prompt that pooling reads; nil for all. Padding is never among them.
    public func pooledPositions(_ prompt: Int) -> [Range<Int>]? {
        if !pooledRanges.isEmpty { return pooledRanges[prompt] }
        return paddings.isEmpty ? nil : [0..<tokens[prompt].count - paddings[prompt]]
    }

    /// - Throws: where the template alone is longer than the context.
    public init(
        _ sentences: [String], template: PromptTemplate, normaliser: Normaliser, tokenizer: any Tokenizer,
        contextLength: Int
    ) throws {
        tokens.reserveCapacity(sentences.count)
        for sentence in sentences {
            var prompt = try RenderedPrompt(normaliser.normalise(sentence), in: template, tokenizer: tokenizer)
            if tokens.isEmpty { first = prompt.text }
            unencodedBytes += prompt.unencodedBytes
            if prompt.text.unicodeScalars.first?.properties.isWhitespace == true { spacedCount += 1 }
            if prompt.tokens.count > contextLength {
                try prompt.cut(to: contextLength, template: template)
                truncated += 1
            }
            if template.poolsPlaces {
                let pooled = prompt.pooled
                pooledRanges.append(pooled)
                tokens.append(pooled.isEmpty ? [] : prompt.tokens.map(\.id))
            } else {
                tokens.append(prompt.tokens.map(\.id))
            }
        }
        templatePrefix = try template.sharedTokens(tokenizer)
        endsBehindPooled = template.poolsPlaces && !tokenizer.frame.behind.isEmpty
    }

    /// Where versions of the libraries that read the tokenizer's files give other ids to such prompts.
    public func warnings(of tokenizer: any Tokenizer) -> [String] {
        tokenizer.summary.warnings + [Self.warning(ofSpaced: spacedCount, tokenizer)].compactMap(\.self)
    }

    /// That of prompts that begin with white space; nil where there are none, or all versions agree.
    public static func warning(ofSpaced count: Int, _ tokenizer: any Tokenizer) -> String? {
        guard count > 0, let warning = tokenizer.leadingSpaceWarning else { return nil }
        return "\(count) prompt\(count == 1 ? " begins" : "s begin") with white space: \(warning)"
    }

    /// Some of the prompts, in a new order, each with tokens behind it. The counts stay those of all.
    func taking(_ chosen: [(prompt: Int, padding: Int)], padToken: Int32) -> Prompts {
        var prompts = self
        prompts.tokens = chosen.map { tokens[$0.prompt] + Array(repeating: padToken, count: $0.padding) }
        prompts.pooledRanges = pooledRanges.isEmpty ? [] : chosen.map { pooledRanges[$0.prompt] }
        prompts.paddings = chosen.map(\.padding)
        return prompts
    }
}

extension PromptTemplate {
    /// The tokens that most prompts begin with: those that are the same for sentences that begin with letters and
    /// digits, up to a placeholder, whose state depends on the sentence. So does the token at the seam; a prompt that
    /// begins otherwise is encoded on its own.
    func sharedTokens(_ tokenizer: any Tokenizer) throws -> [Int32] {
        let probes = try ["a", "The", "1", "é"].map {
            try RenderedPrompt($0, in: self, tokenizer: tokenizer).tokens.map(\.id).prefix { $0 >= 0 }
        }
        let shortest = probes.map(\.count).min() ?? 0
        let limit = hasPlaceholder ? shortest : max(shortest - 1, 0)
        let shared = (0..<limit).prefix { index in probes.allSatisfy { $0[index] == probes[0][index] } }
        return Array(probes[0].prefix(shared.count))
    }
}

extension Prompts {
    /// Texts of one role as a method's templates and normaliser make prompts of them. Padding, which depends on companions,
    /// is `padded`'s.
    ///
    /// - Throws: where the method has no template for the role, or the template alone is longer than the context.
    public init(
        _ texts: [String], by method: EmbeddingMethod, as role: TextRole = .sentence, tokenizer: any Tokenizer,
        contextLength: Int
    ) throws {
        try self.init(
            texts, template: method.template(for: role), normaliser: method.normaliser, tokenizer: tokenizer,
            contextLength: contextLength)
    }

    /// Texts of several roles, each in its role's template, in their order.
    ///
    /// - Parameter roles: of each text
    public init(
        _ texts: [String], roles: [TextRole], by method: EmbeddingMethod, tokenizer: any Tokenizer, contextLength: Int
    ) throws {
        precondition(roles.count == texts.count)
        let used = TextRole.all.filter(Set(roles).contains)
        let places = used.map { role in texts.indices.filter { roles[$0] == role } }
        let parts = try zip(used, places).map { role, places in
            try Prompts(
                places.map { texts[$0] }, by: method, as: role, tokenizer: tokenizer, contextLength: contextLength)
        }
        guard parts.count > 1 else {
            self =
                try parts.first
                ?? Prompts(texts, by: method, tokenizer: tokenizer, contextLength: contextLength)
            return
        }
        var rows = Array(repeating: 0, count: texts.count)
        for (row, place) in places.joined().enumerated() { rows[place] = row }
        self = Prompts.joined(parts).taking(rows.map { ($0, 0) }, padToken: 0)
        paddings = []
    }

    /// Prompts of several templates as one, for a batch or a task with texts of several roles: the rows of the first, then
    /// those of the second, and so on; the counts are summed up. Each prompt keeps its embedding, by a bit.
    public static func joined(_ all: [Prompts]) -> Prompts {
        var joined = Prompts(
            templatePrefix: commonBeginning(of: all.filter { !$0.tokens.isEmpty }.map(\.templatePrefix)))
        let isPadded = all.contains { !$0.paddings.isEmpty }
        let poolsPlaces = all.contains { !$0.pooledRanges.isEmpty }
        for prompts in all {
            joined.tokens += prompts.tokens
            if isPadded { joined.paddings += prompts.tokens.indices.map(prompts.padding) }
            if poolsPlaces {
                joined.pooledRanges += prompts.tokens.indices.map { row in
                    prompts.pooledPositions(row) ?? [0..<prompts.tokens[row].count]
                }
            }
            joined.endsBehindPooled = joined.endsBehindPooled || prompts.endsBehindPooled
            joined.truncated += prompts.truncated
            joined.unencodedBytes += prompts.unencodedBytes
            if joined.first.isEmpty { joined.first = prompts.first }
        }
        return joined
    }

    private init(templatePrefix: [Int32]) { self.templatePrefix = templatePrefix }

    /// The tokens that all begin with.
    private static func commonBeginning(of all: [[Int32]]) -> [Int32] {
        guard let first = all.first else { return [] }
        let shared = first.indices.prefix { index in
            all.allSatisfy { index < $0.count && $0[index] == first[index] }
        }
        return Array(first.prefix(shared.count))
    }

    /// Some of the prompts, in their order; each keeps its embedding, by a bit. The counts stay those of all.
    public subscript(range: Range<Int>) -> Prompts {
        var prompts = self
        prompts.tokens = Array(tokens[range])
        if !paddings.isEmpty { prompts.paddings = Array(paddings[range]) }
        if !pooledRanges.isEmpty { prompts.pooledRanges = Array(pooledRanges[range]) }
        return prompts
    }
}
