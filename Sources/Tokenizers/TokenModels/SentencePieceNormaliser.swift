/// How SentencePiece prepares a text: its table of replacements, white space squeezed and made visible, a space in front.
/// `Normalizer::Normalize` in `normalizer.cc` of SentencePiece.
struct SentencePieceNormaliser: Sendable {
    static let visibleSpace: Unicode.Scalar = "\u{2581}"

    var map: CharacterMap?
    var addsSpace = true
    /// Drops white space at both ends, and all but one in a row.
    var squeezesSpace = true
    /// Spaces are written as U+2581.
    var escapesSpace = true
    /// The added space goes behind the text.
    var putsSpaceBehind = false

    /// - Parameter verbatim: finds the pieces that are never changed
    func apply(to text: [AlignedScalar], verbatim: AddedTokens) -> [AlignedScalar] {
        var normalised: [AlignedScalar] = []
        normalised.reserveCapacity(text.count + 1)
        var wasSpace = squeezesSpace
        var isSpaceOnly = true
        for part in verbatim.parts(of: text) {
            // A piece is never replaced, but loses its spaces in front as anything else does.
            for unit in part.id == nil ? replaced(text[part.range]) : [Array(text[part.range])] {
                var unit = unit[...]
                if unit.count != 1 || unit.first?.scalar != " " { isSpaceOnly = false }
                if wasSpace { unit = unit.drop { $0.scalar == " " } }
                guard let last = unit.last else { continue }
                normalised += unit.map(escaped)
                wasSpace = squeezesSpace && last.scalar == " "
            }
        }
        if squeezesSpace {
            while let last = normalised.last, last.scalar == space { normalised.removeLast() }
        }
        if normalised.isEmpty, let last = text.last, !isSpaceOnly, addsSpace, putsSpaceBehind || !squeezesSpace {
            // Everything was dropped, and the added space is all there is.
            return [AlignedScalar(space, last.upper, last.upper)]
        }
        return withAddedSpace(normalised)
    }

    private var space: Unicode.Scalar { escapesSpace ? Self.visibleSpace : " " }

    private func escaped(_ element: AlignedScalar) -> AlignedScalar {
        element.scalar == " " ? element.with(space) : element
    }

    private func withAddedSpace(_ text: [AlignedScalar]) -> [AlignedScalar] {
        guard addsSpace, let first = text.first, let last = text.last else { return text }
        return putsSpaceBehind
            ? text + [AlignedScalar(space, last.upper, last.upper)]
            : [AlignedScalar(space, first.lower, first.lower)] + text
    }

    /// What stretches of the text become, the longest that the table knows first.
    private func replaced(_ text: ArraySlice<AlignedScalar>) -> [[AlignedScalar]] {
        guard let map else { return text.map { [$0] } }
        let bytes = Array(text.text.utf8)
        var units: [[AlignedScalar]] = []
        var index = text.startIndex
        var offset = 0
        while index < text.endIndex {
            let start = text[index]
            guard let (replacement, byteCount) = map.replacement(of: bytes[offset...], isLongest: true) else {
                units.append([start])
                offset += start.width
                index += 1
                continue
            }
            let end = offset + byteCount
            var upper = start.upper
            while offset < end, index < text.endIndex {
                upper = text[index].upper
                offset += text[index].width
                index += 1
            }
            units.append(replacement.map { AlignedScalar($0, start.lower, upper) })
        }
        return units
    }
}
