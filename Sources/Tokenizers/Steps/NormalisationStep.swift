import Foundation

/// A change that a tokenizer makes to a text before it is cut: one of the tokenizers library's normalizers.
indirect enum NormalisationStep: Sendable {
    /// Unicode's normalisation forms.
    case form(UnicodeForm)
    case lowercase
    case strip(left: Bool, right: Bool)
    /// Drops marks.
    case stripAccents
    case replace(TokenPattern, with: [Unicode.Scalar])
    case prepend([Unicode.Scalar])
    case bert(BertNormalisation)
    /// SentencePiece's table of replacements.
    case characterMap(CharacterMap)
    case sequence([NormalisationStep])

    func apply(to text: [AlignedScalar]) throws -> [AlignedScalar] {
        var startsLate = false
        return try apply(to: text, startsLate: &startsLate)
    }

    /// - Parameter startsLate: set where the library takes the result for one that begins inside the text: what replaces several
    ///   characters stands at the last of them, to it
    func apply(to text: [AlignedScalar], startsLate: inout Bool) throws -> [AlignedScalar] {
        switch self {
        case .form(let form): return form.apply(to: text)
        case .lowercase: return Self.lowercased(text)
        case .strip(let left, let right): return Self.stripped(text, left: left, right: right)
        case .stripAccents: return text.removingMarks(\.isMark)
        case .replace(let pattern, let replacement):
            return try Self.replacing(pattern, with: replacement, in: text, startsLate: &startsLate)
        case .prepend(let prefix):
            guard let first = text.first else { return text }
            return prefix.map { AlignedScalar($0, first.lower, first.lower) } + text
        case .bert(let normalisation): return normalisation.apply(to: text)
        case .characterMap(let map): return map.normalised(text)
        case .sequence(let steps): return try steps.reduce(text) { try $1.apply(to: $0, startsLate: &startsLate) }
        }
    }

    fileprivate static func lowercased(_ text: [AlignedScalar]) -> [AlignedScalar] {
        text.flatMapScalars { $0.properties.lowercaseMapping.unicodeScalars }
    }

    private static func stripped(_ text: [AlignedScalar], left: Bool, right: Bool) -> [AlignedScalar] {
        var rest = text[...]
        if left { rest = rest.drop { $0.scalar.isWhiteSpace } }
        while right, let last = rest.last, last.scalar.isWhiteSpace { rest.removeLast() }
        return Array(rest)
    }

    private static func replacing(
        _ pattern: TokenPattern, with replacement: [Unicode.Scalar], in text: [AlignedScalar], startsLate: inout Bool
    ) throws -> [AlignedScalar] {
        let matches = try pattern.matches(in: text[...])
        guard !matches.isEmpty else { return text }
        // The library puts what replaces nothing there where that is a text's end; elsewhere its places are its own.
        guard matches.allSatisfy({ !$0.isEmpty || $0.lowerBound == text.count }) else {
            throw pattern.error(
                "what it finds must have a character, or be the text's end: what replaces nothing elsewhere is not known here"
            )
        }
        if let first = matches.first, first.lowerBound == 0, !replacement.isEmpty {
            startsLate = startsLate || text[first.upperBound - 1].lower > 0
        }
        var replaced: [AlignedScalar] = []
        replaced.reserveCapacity(text.count)
        var start = 0
        for match in matches {
            replaced += text[start..<match.lowerBound]
            let lower = match.lowerBound < text.count ? text[match.lowerBound].lower : text.last?.upper ?? 0
            let upper = match.isEmpty ? lower : text[match.upperBound - 1].upper
            replaced += replacement.map { AlignedScalar($0, lower, upper) }
            start = match.upperBound
        }
        return replaced + text[start...]
    }
}

/// What BERT does before it cuts.
struct BertNormalisation: Sendable {
    /// Drops control characters, and makes all white space a space.
    var cleansText: Bool
    /// Puts spaces around Chinese characters.
    var separatesChinese: Bool
    var stripsAccents: Bool
    var lowercases: Bool

    func apply(to text: [AlignedScalar]) -> [AlignedScalar] {
        var text = text
        if cleansText { text = Self.cleansed(text) }
        if separatesChinese {
            text = text.flatMap { element -> [AlignedScalar] in
                guard element.scalar.isChineseCharacter else { return [element] }
                return [
                    AlignedScalar(" ", element.lower, element.lower), element,
                    AlignedScalar(" ", element.upper, element.upper),
                ]
            }
        }
        if stripsAccents {
            text = UnicodeForm.nfd.apply(to: text)
                .removingMarks(\.isNonspacingMark)
        }
        if lowercases { text = NormalisationStep.lowercased(text) }
        return text
    }

    private static func cleansed(_ text: [AlignedScalar]) -> [AlignedScalar] {
        text.compactMap { element in
            let scalar = element.scalar
            if ["\t", "\n", "\r"].contains(scalar) { return element.with(" ") }
            if scalar == "\u{FFFD}" || scalar.isOther { return nil }
            return scalar.isWhiteSpace ? element.with(" ") : element
        }
    }
}

extension [AlignedScalar] {
    /// Each character replaced by others in its place.
    func flatMapScalars(_ body: (Unicode.Scalar) -> String.UnicodeScalarView) -> [AlignedScalar] {
        var mapped: [AlignedScalar] = []
        mapped.reserveCapacity(count)
        for element in self {
            if element.scalar.value < 0x80, !(0x41...0x5A).contains(element.scalar.value) {
                // No mapping changes these.
                mapped.append(element)
            } else {
                mapped.append(body(element.scalar), from: element)
            }
        }
        return mapped
    }

    /// Without marks; a mark's bytes are its base's then.
    func removingMarks(_ isMark: (Unicode.Scalar) -> Bool) -> [AlignedScalar] {
        var kept: [AlignedScalar] = []
        kept.reserveCapacity(count)
        for element in self {
            if element.scalar.value < 0x80 || !isMark(element.scalar) {
                kept.append(element)
            } else if let last = kept.last {
                kept[kept.count - 1].upper = Swift.max(last.upper, element.upper)
            }
        }
        return kept
    }
}
