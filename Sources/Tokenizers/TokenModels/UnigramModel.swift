import Diagnostics

/// The most probable way to cut a piece into tokens, each with its own probability. Kudo, 2018 (arXiv 1804.10959),
/// section 3.2; the best path by Viterbi's algorithm, as SentencePiece's `EncodeOptimized` and the tokenizers library do.
struct UnigramModel: TokenModel {
    let vocabulary: Vocabulary
    private let scores: [Double]
    private let index: PrefixIndex
    var unknown: Int32?
    private let unknownScore: Double
    var byteTokens: ByteTokens?
    /// Whether scores are summed in float32, as SentencePiece does: it decides between ways as good.
    private let isSingle: Bool

    /// - Parameters:
    ///   - scores: log probabilities by id
    ///   - ids: those that a piece may be cut into
    ///   - lowestScore: where it isn't the lowest of `ids`; an unknown character's is 10 below it
    ///   - unknown: stands for characters that no token begins with
    init(
        _ vocabulary: Vocabulary, scores: [Double], ids: some Sequence<Int32>, unknown: Int32?, isSingle: Bool = false,
        lowestScore: Double? = nil
    ) {
        let ids = ids.filter { !vocabulary.text(of: Int($0)).isEmpty }
        (self.vocabulary, self.scores, self.unknown, self.isSingle) = (vocabulary, scores, unknown, isSingle)
        index = PrefixIndex(ids, of: vocabulary)
        // SentencePiece's kUnkPenalty.
        let score = (lowestScore ?? ids.map { scores[Int($0)] }.min() ?? 0) - 10
        unknownScore = isSingle ? Double(Float(score)) : score
    }

    /// The best way to reach a place: from where, by which token.
    private struct Step {
        var score = -Double.infinity
        var start = -1
        /// Negative for unknown.
        var id: Int32 = -1
    }

    func encode(_ piece: ArraySlice<AlignedScalar>, into tokens: inout TokenList) {
        let steps = bestSteps(Array(piece))
        var path: [(range: Range<Int>, id: Int32)] = []
        var end = steps.count - 1
        while end > 0 {
            let step = steps[end]
            // The unknown token's own piece counts as unknown too.
            if step.id < 0 || step.id == unknown, let last = path.last, last.id < 0 || last.id == unknown {
                path[path.count - 1] = (step.start..<last.range.upperBound, -1)
            } else {
                path.append((step.start..<end, step.id))
            }
            end = step.start
        }
        for (range, id) in path.reversed() {
            append(id, piece[piece.startIndex + range.lowerBound..<piece.startIndex + range.upperBound], to: &tokens)
        }
    }

    private func append(_ id: Int32, _ part: ArraySlice<AlignedScalar>, to tokens: inout TokenList) {
        guard let first = part.first, let last = part.last else { return }
        if id >= 0 { return tokens.append(id, first.lower, last.upper) }
        if let bytes = byteTokens?.ids(of: part) {
            for (index, byte) in bytes.enumerated() {
                tokens.append(byte.id, byte.place, index + 1 < bytes.count ? bytes[index + 1].place : last.upper)
            }
        } else if let unknown {
            tokens.append(unknown, first.lower, last.upper)
        }
    }

    /// For each place between characters, the best way to it.
    private func bestSteps(_ piece: [AlignedScalar]) -> [Step] {
        var steps = [Step](repeating: Step(), count: piece.count + 1)
        steps[0].score = 0
        for start in piece.indices {
            func improve(_ end: Int, _ id: Int32, _ score: Double) {
                var sum = steps[start].score + score
                if isSingle { sum = Double(Float(sum)) }
                if steps[end].start < 0 || sum > steps[end].score {
                    steps[end] = Step(score: sum, start: start, id: id)
                }
            }
            var cursor = index.start
            var hasSingle = false
            for end in start..<piece.count where !cursor.isEmpty {
                piece[end].forEachByte { byte, _ in index.advance(&cursor, by: byte) }
                guard let id = index.token(at: cursor) else { continue }
                improve(end + 1, id, scores[Int(id)])
                hasSingle = hasSingle || end == start
            }
            if !hasSingle { improve(start + 1, -1, unknownScore) }
        }
        return steps
    }
}
