/// Which prompts are run together: the longest first, end to end, up to a number of tokens.
struct ChunkPlan: Sendable {
    struct Chunk: Sendable {
        var prompts: [Int] = []
        /// Tokens to be computed: without the shared prefix.
        var tokens = 0
        var sharesPrefix: Bool
    }

    let chunks: [Chunk]
    /// The tokens whose states the chunks that say so share; none where no chunk does.
    let sharedPrefix: [Int32]

    /// - Parameters:
    ///   - chosen: the prompts to run; nil for all
    ///   - prefix: tokens that most prompts begin with; none for no sharing
    init(_ prompts: Prompts, only chosen: [Int]? = nil, chunkTokens: Int, prefix: [Int32]) {
        let chosen = chosen ?? Array(prompts.tokens.indices)
        var chunks: [Chunk] = []
        // A prompt that is the prefix and nothing else has no row of its own to read.
        let shares = prompts.tokens.enumerated().map { prompt, tokens in
            !prefix.isEmpty && tokens.count - prompts.padding(prompt) > prefix.count && tokens.starts(with: prefix)
        }
        for sharing in [true, false] {
            let candidates = chosen.filter { shares[$0] == sharing && !prompts.tokens[$0].isEmpty }
            let sorted = candidates.sorted {
                (prompts.tokens[$1].count, $0) < (prompts.tokens[$0].count, $1)
            }
            var chunk = Chunk(sharesPrefix: sharing)
            for prompt in sorted {
                let tokens = prompts.tokens[prompt].count - (sharing ? prefix.count : 0)
                if chunk.tokens > 0, chunk.tokens + tokens > chunkTokens {
                    chunks.append(chunk)
                    chunk = Chunk(sharesPrefix: sharing)
                }
                chunk.prompts.append(prompt)
                chunk.tokens += tokens
            }
            if chunk.tokens > 0 { chunks.append(chunk) }
        }
        self.chunks = chunks
        sharedPrefix = chunks.contains(where: \.sharesPrefix) ? prefix : []
    }

    /// The chunk of that number; nil behind the last.
    func chunk(_ index: Int) -> Chunk? { index < chunks.count ? chunks[index] : nil }

    var total: (prompts: Int, tokens: Int) {
        chunks.reduce(into: (0, 0)) { total, chunk in
            total.0 += chunk.prompts.count
            total.1 += chunk.tokens
        }
    }
}
