/// A way to cut a text into pieces that no token crosses: one of the tokenizers library's pre-tokenizers.
indirect enum SplittingStep: Sendable {
    case byteLevel(addsSpace: Bool, cutsWords: Bool)
    case pattern(TokenPattern, SplitBehaviour, isInverted: Bool)
    case metaspace(Metaspace)
    /// Runs of word characters and runs of anything else but white space.
    case words
    case whiteSpace
    case bert
    case digits(isEachAlone: Bool)
    case punctuation(SplitBehaviour)
    case delimiter(Unicode.Scalar)
    case sequence([SplittingStep])

    /// A space made visible, and maybe put in front.
    struct Metaspace: Sendable {
        enum Prefix: String, CaseIterable, Sendable { case always, never, first }
        var replacement: Unicode.Scalar
        var prefix: Prefix
        var cuts: Bool
    }

    func apply(to text: inout PreTokenizedText) throws {
        switch self {
        case .byteLevel(let addsSpace, let cutsWords):
            if addsSpace {
                text.rewrite { piece, _ in
                    piece.first.map { $0.scalar == " " } == false ? piece.prepending(" ") : Array(piece)
                }
            }
            if cutsWords { text.split { Self.gpt2Pieces(of: $0) } }
        case .pattern(let pattern, let behaviour, let isInverted):
            try text.split { try behaviour.pieces(of: $0.indices, at: pattern.matches(in: $0), isInverted: isInverted) }
        case .metaspace(let metaspace): metaspace.apply(to: &text)
        case .words:
            text.split { piece in
                Self.runs(of: piece) { $0.isWhiteSpace ? 0 : $0.isWordCharacter ? 1 : 2 }
                    .filter { !piece[$0.lowerBound].scalar.isWhiteSpace }
            }
        case .whiteSpace: text.split(at: \.isWhiteSpace, .removed)
        case .bert:
            text.split(at: \.isWhiteSpace, .removed)
            text.split(at: \.isPunctuation, .isolated)
        case .digits(let isEachAlone): text.split(at: \.isNumeric, isEachAlone ? .isolated : .contiguous)
        case .punctuation(let behaviour): text.split(at: \.isPunctuation, behaviour)
        case .delimiter(let delimiter): text.split(at: { $0 == delimiter }, .removed)
        case .sequence(let steps): try steps.forEach { try $0.apply(to: &text) }
        }
    }

    /// Runs of characters of one class.
    private static func runs(
        of piece: ArraySlice<AlignedScalar>, _ characterClass: (Unicode.Scalar) -> Int
    ) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var runClass: Int?
        for index in piece.indices {
            let own = characterClass(piece[index].scalar)
            if own == runClass, let last = runs.last {
                runs[runs.count - 1] = last.lowerBound..<index + 1
            } else {
                runs.append(index..<index + 1)
            }
            runClass = own
        }
        return runs
    }

    /// GPT-2's pattern, by the scanner that is there for it.
    private static func gpt2Pieces(of piece: ArraySlice<AlignedScalar>) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var index = piece.startIndex
        for range in PreTokenizer.gpt2.pieces(of: piece.map { $0.with($0.scalar.shownToOniguruma) }.text) {
            var end = index
            var width = 0
            while width < range.count {
                width += piece[end].width
                end += 1
            }
            pieces.append(index..<end)
            index = end
        }
        return pieces
    }
}

extension SplittingStep.Metaspace {
    func apply(to text: inout PreTokenizedText) {
        text.rewrite { piece, isFirst in
            let visible = piece.map { $0.scalar == " " ? $0.with(replacement) : $0 }
            let takesPrefix = prefix == .always || (prefix == .first && isFirst)
            return takesPrefix && visible.first.map { $0.scalar == replacement } == false
                ? visible[...].prepending(replacement) : visible
        }
        if cuts { text.split(at: { $0 == replacement }, .mergedWithNext) }
    }
}

extension ArraySlice<AlignedScalar> {
    /// With a character in front that stands for no bytes.
    fileprivate func prepending(_ scalar: Unicode.Scalar) -> [AlignedScalar] {
        guard let first else { return [] }
        return [AlignedScalar(scalar, first.lower, first.lower)] + self
    }
}

/// A text between two added tokens while it is cut.
struct PreTokenizedText {
    private(set) var scalars: [AlignedScalar]
    /// In order; what none holds has been dropped.
    private(set) var pieces: [Range<Int>]
    /// Whether the whole text begins here.
    let isAtStart: Bool

    init(_ scalars: [AlignedScalar], isAtStart: Bool) {
        self.scalars = scalars
        self.isAtStart = isAtStart
        pieces = scalars.isEmpty ? [] : [0..<scalars.count]
    }

    mutating func split(_ cut: (ArraySlice<AlignedScalar>) throws -> [Range<Int>]) rethrows {
        pieces = try pieces.flatMap { try cut(scalars[$0]).filter { !$0.isEmpty } }
    }

    /// Cuts at each character of a class.
    mutating func split(at isDelimiter: (Unicode.Scalar) -> Bool, _ behaviour: SplitBehaviour) {
        split { piece in
            behaviour.pieces(
                of: piece.indices, at: piece.indices.filter { isDelimiter(piece[$0].scalar) }.map { $0..<$0 + 1 })
        }
    }

    /// Replaces each piece; the second argument says whether the whole text begins with it.
    mutating func rewrite(_ body: (ArraySlice<AlignedScalar>, Bool) -> [AlignedScalar]) {
        var rewritten: [AlignedScalar] = []
        rewritten.reserveCapacity(scalars.count + pieces.count)
        pieces = pieces.map { piece in
            let start = rewritten.count
            // Where a normalizer has dropped the text's beginning, none begins there.
            rewritten += body(scalars[piece], isAtStart && scalars[piece.lowerBound].lower == 0)
            return start..<rewritten.count
        }
        scalars = rewritten
    }
}
