import Models

/// Which prompts are run together: end to end, up to a number of tokens, in an order that brings prompts that begin
/// alike together.
struct ChunkPlan: Sendable {
    struct Chunk: Sendable {
        var prompts: [Int] = []
        /// How many tokens each prompt begins with, behind the shared prefix, that are those of the prompt before.
        var sharedCounts: [Int] = []
        /// Tokens to be computed: without the shared prefix, and shared beginnings once.
        var tokens = 0
        /// Tokens where nothing but the prefix is shared, as in bidirectional layers.
        var tokensUnshared = 0
        var sharesPrefix: Bool

        /// - Parameter prefix: the shared prefix' length
        func sizes(prefix: Int) -> BatchSizes {
            BatchSizes(
                rows: tokens, expandedRows: tokensUnshared + (sharesPrefix ? prompts.count * prefix : 0),
                sequences: prompts.count)
        }
    }

    let chunks: [Chunk]
    /// The tokens whose states the chunks that say so share; none where no chunk does.
    let sharedPrefix: [Int32]

    /// How chunks are cut.
    enum Cut: Sendable {
        /// When the next prompt would make them longer than this.
        case tokens(Int)
        /// Into about equal ones, no longer than this by more than a prompt; as many as a multiple of four, so that two or
        /// four workers end at the same time. The cut doesn't depend on how many there are.
        case equally(Int)
    }

    /// - Parameters:
    ///   - chosen: the prompts to run; nil for all
    ///   - prefix: tokens that most prompts begin with, computed once for all chunks; none for no such tokens
    ///   - sharesBeginnings: whether prompts of a chunk share what they begin with
    init(_ prompts: Prompts, only chosen: [Int]? = nil, cut: Cut, prefix: [Int32], sharesBeginnings: Bool = true) {
        let chosen = chosen ?? Array(prompts.tokens.indices)
        // A prompt that is the prefix and nothing else has no row of its own to read.
        let shares = prompts.tokens.enumerated().map { prompt, tokens in
            !prefix.isEmpty && tokens.count - prompts.padding(prompt) > prefix.count && tokens.starts(with: prefix)
        }
        let chunks = [true, false].flatMap { sharing in
            let candidates = chosen.filter { shares[$0] == sharing && !prompts.tokens[$0].isEmpty }
            return Self.chunks(
                of: candidates.sorted { prompts.tokens[$0].lexicographicallyPrecedes(prompts.tokens[$1]) }, prompts,
                cut: cut, prefix: sharing ? prefix.count : nil, sharesBeginnings: sharesBeginnings)
        }
        // The longest first, so that no worker begins a long one when the others end.
        self.chunks = chunks.enumerated().sorted { ($1.element.tokens, $0.offset) < ($0.element.tokens, $1.offset) }
            .map(\.element)
        sharedPrefix = chunks.contains(where: \.sharesPrefix) ? prefix : []
    }

    /// In bidirectional layers every prompt has rows of its own: chunks must not grow without bounds there.
    private static let mostUnshared = 4

    /// - Parameters:
    ///   - order: prompts in an order that brings those that begin alike together
    ///   - prefix: how many of their first tokens are computed elsewhere; nil where none are
    private static func chunks(
        of order: [Int], _ prompts: Prompts, cut: Cut, prefix: Int?, sharesBeginnings: Bool
    ) -> [Chunk] {
        func fill(isFull: (_ chunk: Chunk, _ added: Int) -> Bool, mostUnshared: Int) -> [Chunk] {
            var chunks: [Chunk] = []
            var chunk = Chunk(sharesPrefix: prefix != nil)
            for prompt in order {
                let tokens = prompts.tokens[prompt].count - (prefix ?? 0)
                var shared = 0
                if sharesBeginnings, let previous = chunk.prompts.last {
                    shared = max(0, prompts.sharedBeginning(previous, prompt) - (prefix ?? 0))
                }
                if chunk.tokens > 0, isFull(chunk, tokens - shared) || chunk.tokensUnshared + tokens > mostUnshared {
                    chunks.append(chunk)
                    chunk = Chunk(sharesPrefix: prefix != nil)
                    shared = 0
                }
                chunk.prompts.append(prompt)
                chunk.sharedCounts.append(shared)
                chunk.tokens += tokens - shared
                chunk.tokensUnshared += tokens
            }
            return chunk.tokens > 0 ? chunks + [chunk] : chunks
        }
        switch cut {
        case .tokens(let most):
            return fill(isFull: { $0.tokens + $1 > most }, mostUnshared: mostUnshared * most)
        case .equally(let most):
            let total = fill(isFull: { $0.tokens + $1 > most }, mostUnshared: mostUnshared * most)
                .reduce(0) { $0 + $1.tokens }
            let count = ((total + most - 1) / most + 3) / 4 * 4
            return fill(isFull: { chunk, _ in chunk.tokens * count >= total }, mostUnshared: mostUnshared * most)
        }
    }

    var total: (prompts: Int, tokens: Int) {
        chunks.reduce(into: (0, 0)) { total, chunk in
            total.0 += chunk.prompts.count
            total.1 += chunk.tokens
        }
    }

    /// The tokens that a chunk's prompts don't share, as the model takes them.
    func batch(_ chunk: Chunk, of prompts: Prompts) -> PackedBatch {
        var batch = PackedBatch()
        for (prompt, shared) in zip(chunk.prompts, chunk.sharedCounts) {
            let skipped = shared + (chunk.sharesPrefix ? sharedPrefix.count : 0)
            batch.append(prompts.tokens[prompt].dropFirst(skipped), sharing: shared, padding: prompts.padding(prompt))
        }
        return batch
    }
}

extension Prompts {
    /// How many tokens two prompts begin with alike, whose states causal layers compute alike: not the last token, which
    /// each has for itself, and none of prompts with padding or with a placeholder, whose state Token Prepending changes.
    fileprivate func sharedBeginning(_ first: Int, _ second: Int) -> Int {
        guard padding(first) == 0, padding(second) == 0 else { return 0 }
        let (a, b) = (tokens[first], tokens[second])
        let most = min(a.count, b.count - 1)
        var count = 0
        while count < most, a[count] == b[count] {
            guard a[count] >= 0 else { return 0 }
            count += 1
        }
        return count
    }
}
