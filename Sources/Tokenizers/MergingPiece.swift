/// A piece of text while its neighbours merge.
///
/// The symbol that begins at byte `i` is element `i`, and the next one is at its `end`. The element of a symbol's last
/// byte knows where the symbol begins, so that the previous one is found without a second list.
struct MergingPiece {
    private struct Symbol {
        var id: Int32
        /// The rank of the merge with the next symbol, and what comes out of it.
        var rank: Int32
        var merged: Int32
        /// Where the symbol that ends with this byte begins.
        var start: Int
        /// Where the symbol that begins with this byte ends.
        var end: Int
    }

    /// Pieces of more bytes go through a queue. Looking for the lowest rank in all symbols is quadratic, but quicker
    /// than a queue for words of everyday length.
    private static let longestScanned = 32

    private var symbols: [Symbol] = []
    private var queue = CandidateQueue()

    /// Merges all that can merge in a piece of at least one byte, and passes on the tokens with offsets in the piece.
    ///
    /// - Parameter byteTokens: The token of each byte; -1 for none, and then the byte is left out, as in llama.cpp.
    mutating func merge(
        _ piece: borrowing Span<UInt8>, byteTokens: [Int32], merges: MergeTable, _ body: (Int32, Range<Int>) -> Void
    ) {
        symbols.removeAll(keepingCapacity: true)
        for index in piece.indices { append(byteTokens[Int(piece[index])]) }
        merge(merges, body)
    }

    /// Merges all that can merge in a row of tokens, and passes on those that come out with the places in the row that
    /// they took; negative ones merge with nothing and are left out.
    mutating func merge(_ ids: [Int32], merges: MergeTable, _ body: (Int32, Range<Int>) -> Void) {
        symbols.removeAll(keepingCapacity: true)
        for id in ids { append(id) }
        merge(merges, body)
    }

    private mutating func append(_ id: Int32) {
        let index = symbols.count
        symbols.append(Symbol(id: id, rank: .max, merged: -1, start: index, end: index + 1))
    }

    private mutating func merge(_ merges: MergeTable, _ body: (Int32, Range<Int>) -> Void) {
        for index in symbols.indices { updateMerge(at: index, merges) }
        if symbols.count <= Self.longestScanned {
            while let index = indexOfLowestRank { merge(at: index, merges) }
        } else {
            mergeByQueue(merges)
        }
        var start = 0
        while start < symbols.count {
            let symbol = symbols[start]
            if symbol.id >= 0 { body(symbol.id, start..<symbol.end) }
            start = symbol.end
        }
    }

    /// The leftmost of equals; nil where nothing merges.
    private var indexOfLowestRank: Int? {
        var lowest = Int32.max
        var best: Int?
        for index in symbols.indices where symbols[index].rank < lowest {
            lowest = symbols[index].rank
            best = index
        }
        return best
    }

    private mutating func mergeByQueue(_ merges: MergeTable) {
        queue.removeAll()
        for index in symbols.indices { enqueue(index) }
        while let candidate = queue.popFirst() {
            // A rank belongs to one pair: if it isn't the symbol's any more, one of the two has merged elsewhere.
            guard symbols[candidate.index].rank == candidate.rank else { continue }
            merge(at: candidate.index, merges)
            enqueue(candidate.index)
            if candidate.index > 0 { enqueue(symbols[candidate.index - 1].start) }
        }
    }

    private mutating func enqueue(_ index: Int) {
        guard symbols[index].rank < .max else { return }
        queue.insert(CandidateQueue.Candidate(rank: symbols[index].rank, index: index))
    }

    /// Merges the symbol that begins at `index` with the next one.
    private mutating func merge(at index: Int, _ merges: MergeTable) {
        let absorbed = symbols[index].end
        let end = symbols[absorbed].end
        symbols[absorbed].rank = .max
        symbols[index].id = symbols[index].merged
        symbols[index].end = end
        symbols[end - 1].start = index
        updateMerge(at: index, merges)
        if index > 0 { updateMerge(at: symbols[index - 1].start, merges) }
    }

    private mutating func updateMerge(at index: Int, _ merges: MergeTable) {
        let next = symbols[index].end
        let merge = next < symbols.count ? merges.merge(symbols[index].id, symbols[next].id) : .none
        symbols[index].rank = merge.rank
        symbols[index].merged = merge.merged
    }
}
