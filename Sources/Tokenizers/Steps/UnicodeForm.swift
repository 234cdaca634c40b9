import Foundation

/// Unicode's normalisation forms (UAX #15), with the place of every character kept.
///
/// Foundation knows each character's decomposition and each pair's composition; the order of marks and what may compose
/// with what are the standard's algorithms, here because Foundation doesn't say which character came from where. The tokenizers
/// library's tables are those of Unicode 9, to which no later character has a decomposition or is a mark.
enum UnicodeForm: String, CaseIterable, Sendable {
    case nfc = "NFC"
    case nfd = "NFD"
    case nfkc = "NFKC"
    case nfkd = "NFKD"

    func apply(to text: [AlignedScalar]) -> [AlignedScalar] {
        // Below U+00A0 nothing decomposes; a lone character below U+0300 is composed already.
        let limit: UInt32 = self == .nfc ? 0x300 : 0xA0
        guard text.contains(where: { $0.scalar.value >= limit }) else { return text }
        let decomposed = Self.ordered(decomposed(text))
        return self == .nfc || self == .nfkc ? Self.composed(decomposed) : decomposed
    }

    private func decomposed(_ text: [AlignedScalar]) -> [AlignedScalar] {
        var decomposed: [AlignedScalar] = []
        decomposed.reserveCapacity(text.count)
        let isCompatible = self == .nfkc || self == .nfkd
        for element in text {
            guard element.scalar.value >= 0xA0 else {
                decomposed.append(element)
                continue
            }
            let character = String(element.scalar)
            let parts =
                isCompatible
                ? character.decomposedStringWithCompatibilityMapping : character.decomposedStringWithCanonicalMapping
            let isKnown = parts.unicodeScalars.first == element.scalar || element.scalar.isIn(unicode: Self.version)
            decomposed.append(isKnown ? parts.unicodeScalars : character.unicodeScalars, from: element)
        }
        return decomposed
    }

    /// The canonical ordering algorithm: marks in a row sorted by their combining class, equals as they stood.
    private static func ordered(_ text: [AlignedScalar]) -> [AlignedScalar] {
        var ordered = text
        var index = 0
        while index < ordered.count {
            guard combiningClass(ordered[index]) != 0 else {
                index += 1
                continue
            }
            var end = index
            while end < ordered.count, combiningClass(ordered[end]) != 0 { end += 1 }
            if end - index > 1 {
                let sorted = ordered[index..<end].enumerated().sorted {
                    (combiningClass($0.element), $0.offset) < (combiningClass($1.element), $1.offset)
                }.map(\.element)
                // Places must ascend: what has swapped shares the place of all.
                let (lower, upper) = (ordered[index].lower, ordered[end - 1].upper)
                ordered.replaceSubrange(index..<end, with: sorted.map { AlignedScalar($0.scalar, lower, upper) })
            }
            index = end
        }
        return ordered
    }

    /// The canonical composition algorithm.
    private static func composed(_ text: [AlignedScalar]) -> [AlignedScalar] {
        var composed: [AlignedScalar] = []
        composed.reserveCapacity(text.count)
        var starter: Int?
        var lastClass: UInt8 = 0
        for element in text {
            let ownClass = combiningClass(element)
            if let starter, isUnblocked(ownClass, lastClass, isNext: starter == composed.count - 1),
                let pair = composition(composed[starter].scalar, element.scalar)
            {
                composed[starter].scalar = pair
                composed[starter].upper = max(composed[starter].upper, element.upper)
                continue
            }
            if ownClass == 0 { starter = composed.count }
            lastClass = ownClass
            composed.append(element)
        }
        return composed
    }

    private static func isUnblocked(_ ownClass: UInt8, _ lastClass: UInt8, isNext: Bool) -> Bool {
        isNext || (lastClass < ownClass && lastClass != 0)
    }

    private static func composition(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        // What composes with a character before it is a mark or a part of a Hangul syllable.
        guard second.value >= 0x300, second.isMark || (0x1161...0x11C2).contains(second.value) else { return nil }
        // Decomposed first: Foundation leaves a composed Hangul syllable or Kannada vowel and what completes it apart.
        var pair = String(first).decomposedStringWithCanonicalMapping
        pair.unicodeScalars.append(second)
        let composed = pair.precomposedStringWithCanonicalMapping.unicodeScalars
        guard composed.count == 1, let composed = composed.first, composed.isIn(unicode: version),
            // Foundation takes U+10041 with an acute accent for U+0041 with one, and its kin.
            String(composed).decomposedStringWithCanonicalMapping.unicodeScalars.elementsEqual(pair.unicodeScalars)
        else { return nil }
        return composed
    }

    private static let version = 9

    private static func combiningClass(_ element: AlignedScalar) -> UInt8 {
        guard element.scalar.value >= 0x300 else { return 0 }
        let own = element.scalar.properties.canonicalCombiningClass.rawValue
        return own != 0 && element.scalar.isIn(unicode: version) ? own : 0
    }
}
