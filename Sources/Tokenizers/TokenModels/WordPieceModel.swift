/// The longest token first, then the longest that continues it. Schuster and Nakajima, 2012; BERT's `WordpieceTokenizer`.
struct WordPieceModel: TokenModel {
    let vocabulary: Vocabulary
    private let index: PrefixIndex
    private(set) var unknown: Int32
    /// Written in front of a token that doesn't begin its piece.
    private(set) var continuingPrefix: String
    /// Longer pieces are unknown.
    private(set) var mostCharacters: Int

    init(
        _ vocabulary: Vocabulary, ids: some Sequence<Int32>, unknown: Int32, continuingPrefix: String,
        mostCharacters: Int
    ) {
        self.vocabulary = vocabulary
        index = PrefixIndex(ids.filter { !vocabulary.text(of: Int($0)).isEmpty }, of: vocabulary)
        (self.unknown, self.continuingPrefix, self.mostCharacters) = (unknown, continuingPrefix, mostCharacters)
    }

    /// The same vocabulary with other options.
    func changed(unknown: Int32, continuingPrefix: String, mostCharacters: Int) -> WordPieceModel {
        var model = self
        (model.unknown, model.continuingPrefix, model.mostCharacters) = (unknown, continuingPrefix, mostCharacters)
        return model
    }

    func encode(_ piece: ArraySlice<AlignedScalar>, into tokens: inout TokenList) {
        guard let first = piece.first, let last = piece.last else { return }
        guard piece.count <= mostCharacters, let parts = parts(of: piece) else {
            return tokens.append(unknown, first.lower, last.upper)
        }
        for (id, range) in parts {
            tokens.append(id, piece[range.lowerBound].lower, piece[range.upperBound - 1].upper)
        }
    }

    /// - Returns: nil where the piece can't be cut into tokens.
    private func parts(of piece: ArraySlice<AlignedScalar>) -> [(id: Int32, range: Range<Int>)]? {
        var parts: [(id: Int32, range: Range<Int>)] = []
        var start = piece.startIndex
        while start < piece.endIndex {
            var cursor = index.start
            if start > piece.startIndex {
                for byte in continuingPrefix.utf8 { index.advance(&cursor, by: byte) }
            }
            var longest: (id: Int32, end: Int)?
            for end in start..<piece.endIndex where !cursor.isEmpty {
                piece[end].forEachByte { byte, _ in index.advance(&cursor, by: byte) }
                if let id = index.token(at: cursor) { longest = (id, end + 1) }
            }
            guard let longest else { return nil }
            parts.append((longest.id, start..<longest.end))
            start = longest.end
        }
        return parts
    }
}

/// A piece is a token, or unknown.
struct WordLevelModel: TokenModel {
    let vocabulary: Vocabulary
    let unknown: Int32?

    func encode(_ piece: ArraySlice<AlignedScalar>, into tokens: inout TokenList) {
        guard let first = piece.first, let last = piece.last,
            let id = vocabulary.id(of: piece.text) ?? unknown
        else { return }
        tokens.append(id, first.lower, last.upper)
    }
}
