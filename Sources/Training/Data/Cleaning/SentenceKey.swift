import Foundation

/// What stays of a sentence when case, white space and punctuation are taken away: equal for a raw sentence and its
/// tokenised, lower-cased form in SentEval's files.
struct SentenceKey: Hashable {
    /// Letters, marks and digits, folded; empty for a sentence without any.
    let text: String

    init(_ sentence: String) {
        if let ascii = Self.ascii(sentence) {
            text = ascii
            return
        }
        let folded = sentence.precomposedStringWithCompatibilityMapping.lowercased()
        var kept = String.UnicodeScalarView()
        kept.append(contentsOf: folded.unicodeScalars.filter(Self.counts))
        text = String(kept)
    }

    var isEmpty: Bool { text.isEmpty }

    /// Nearly every sentence of the benchmarks is ASCII, where bytes will do.
    private static func ascii(_ sentence: String) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(sentence.utf8.count)
        for byte in sentence.utf8 {
            switch byte {
            case 0x80...: return nil
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte | 0x20)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): bytes.append(byte)
            default: break
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func counts(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
            true
        default: false
        }
    }
}
