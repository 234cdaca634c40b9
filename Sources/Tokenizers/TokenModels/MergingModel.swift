import Diagnostics

/// Byte-pair encoding over characters, or over bytes in GPT-2's alphabet: `BPE` of the tokenizers library.
struct MergingModel: TokenModel {
    /// What a piece begins as.
    enum Symbols: Sendable {
        /// Its bytes, of which each has a token; -1 for none.
        case bytes([Int32])
        case characters
    }

    let vocabulary: Vocabulary
    let merges: MergeTable
    let symbols: Symbols
    /// For characters that the vocabulary lacks, where these tokens are to be used.
    var byteTokens: ByteTokens?
    var unknown: Int32?
    /// Whether unknown characters in a row are one token.
    var fusesUnknown = false
    /// Whether a piece that is a token is that token, whatever the merges say.
    var prefersWholePieces = false
    /// Written in front of a symbol that doesn't begin its piece, and behind one that ends it.
    var continuingPrefix = ""
    var endSuffix = ""

    func encode(_ piece: ArraySlice<AlignedScalar>, into tokens: inout TokenList) {
        if prefersWholePieces, let whole = wholeToken(piece), let first = piece.first, let last = piece.last {
            return tokens.append(whole, first.lower, last.upper)
        }
        var row = SymbolRow()
        switch symbols {
        case .bytes(let ids):
            var wasUnknown = false
            for element in piece {
                element.forEachByte { byte, place in
                    let id = ids[Int(byte)]
                    append(id < 0 ? nil : id, at: place, &wasUnknown, to: &row)
                }
            }
        case .characters: appendCharacters(of: piece, to: &row)
        }
        row.end = piece.last?.upper ?? 0
        var merging = MergingPiece()
        merging.merge(row.ids, merges: merges) { id, places in
            tokens.append(id, row.places[places.lowerBound], row.place(behind: places.upperBound - 1))
        }
    }

    /// Symbols and where they begin.
    private struct SymbolRow {
        var ids: [Int32] = []
        var places: [Int32] = []
        /// Where symbols end behind which something without a token was left out.
        private var ends: [Int: Int32] = [:]
        var end: Int32 = 0

        mutating func append(_ id: Int32, at place: Int32) {
            ids.append(id)
            places.append(place)
        }

        /// What has no token is left out, as the library does it: its neighbours are neighbours then, and may merge.
        mutating func skip(at place: Int32) {
            let last = ids.count - 1
            if last >= 0, ends[last] == nil { ends[last] = place }
        }

        func place(behind index: Int) -> Int32 {
            ends[index] ?? (index + 1 < places.count ? places[index + 1] : end)
        }
    }

    private func wholeToken(_ piece: ArraySlice<AlignedScalar>) -> Int32? {
        switch symbols {
        case .characters: return vocabulary.id(of: piece.text)
        case .bytes:
            var spelling = String.UnicodeScalarView()
            for element in piece { element.forEachByte { byte, _ in spelling.append(ByteAlphabet.scalars[Int(byte)]) } }
            return vocabulary.id(of: String(spelling))
        }
    }

    private func appendCharacters(of piece: ArraySlice<AlignedScalar>, to row: inout SymbolRow) {
        var wasUnknown = false
        for index in piece.indices {
            let element = piece[index]
            var text = String(element.scalar)
            if index > piece.startIndex { text = continuingPrefix + text }
            if index == piece.endIndex - 1 { text += endSuffix }
            if let id = vocabulary.id(of: text) {
                append(id, at: element.lower, &wasUnknown, to: &row)
            } else if let bytes = byteTokens?.ids(of: CollectionOfOne(element)) {
                bytes.forEach { row.append($0.id, at: $0.place) }
                wasUnknown = false
            } else {
                append(nil, at: element.lower, &wasUnknown, to: &row)
            }
        }
    }

    /// Appends a symbol's token, or where it has none (nil) the unknown one, or leaves it out.
    private func append(_ id: Int32?, at place: Int32, _ wasUnknown: inout Bool, to row: inout SymbolRow) {
        if let id {
            row.append(id, at: place)
            wasUnknown = false
        } else if let unknown {
            if !(wasUnknown && fusesUnknown) { row.append(unknown, at: place) }
            wasUnknown = true
        } else {
            row.skip(at: place)
        }
    }
}
