/// A character of a text on its way through a tokenizer, and the bytes of the original text that it came from.
struct AlignedScalar: Sendable {
    var scalar: Unicode.Scalar
    /// Empty for a character that a step has added.
    var lower: Int32
    var upper: Int32

    init(_ scalar: Unicode.Scalar, _ lower: Int32, _ upper: Int32) {
        (self.scalar, self.lower, self.upper) = (scalar, lower, upper)
    }

    /// Another character in this one's place.
    func with(_ scalar: Unicode.Scalar) -> AlignedScalar { AlignedScalar(scalar, lower, upper) }

    /// The number of its UTF-8 bytes.
    var width: Int { UTF8.width(scalar) }

    /// The character's UTF-8, each byte with the place in the original text where it begins. Bytes of a character that
    /// was written otherwise there share its place: the first has it, the others begin behind it.
    func forEachByte(_ body: (UInt8, Int32) -> Void) {
        let isVerbatim = Int(upper - lower) == width
        var place = lower
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            body(byte, place)
            place = isVerbatim ? place + 1 : upper
        }
    }
}

extension UTF8 {
    static func width(_ scalar: Unicode.Scalar) -> Int {
        scalar.value < 0x80 ? 1 : scalar.value < 0x800 ? 2 : scalar.value < 0x10000 ? 3 : 4
    }
}

extension [AlignedScalar] {
    /// A text whose characters stand for themselves.
    init(_ text: String) {
        self.init()
        reserveCapacity(text.utf8.count)
        var offset: Int32 = 0
        for scalar in text.unicodeScalars {
            let end = offset + Int32(UTF8.width(scalar))
            append(AlignedScalar(scalar, offset, end))
            offset = end
        }
    }

    /// Appends characters that all came from the same place.
    mutating func append(_ text: some Sequence<Unicode.Scalar>, from origin: AlignedScalar) {
        for scalar in text { append(origin.with(scalar)) }
    }
}

extension Sequence<AlignedScalar> {
    /// The characters alone.
    var text: String {
        var text = String.UnicodeScalarView()
        for element in self { text.append(element.scalar) }
        return String(text)
    }
}

/// Tokens in the making: their byte ranges ascend and don't overlap, whatever the steps have done to the text.
struct TokenList {
    private(set) var tokens: [Token] = []
    private var end = 0

    /// - Parameters:
    ///   - lower: where it begins in the original text
    ///   - upper: where it ends
    mutating func append(_ id: Int32, _ lower: Int32, _ upper: Int32) {
        let start = Swift.max(Int(lower), end)
        end = Swift.max(Int(upper), start)
        tokens.append(Token(id: id, bytes: start..<end))
    }
}
