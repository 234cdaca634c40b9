/// Goes through a JSON text byte by byte. Sound on any bytes; beyond a text that `checkValue` has passed, `skipValue`
/// need not look for errors.
struct JSONScanner {
    enum Problem: Error {
        case expected(String)
        /// Where the key's two appearances begin, in bytes.
        case repeatedKey(String, first: Int, second: Int)

        init(expected: String) { self = .expected(expected) }
    }

    /// Deeper values are refused: reading is recursive.
    private static let deepest = 128

    let bytes: [UInt8]
    var offset = 0

    /// The byte at the offset; 0, which JSON has no use for, behind the end.
    var current: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }

    /// Passes over `byte` if it is next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    mutating func checkValue(depth: Int = 0) throws(Problem) {
        guard depth < Self.deepest else { throw Problem(expected: "at most \(Self.deepest) levels of nesting") }
        switch current {
        case UInt8(ascii: "{"): try checkObject(depth: depth)
        case UInt8(ascii: "["): try checkArray(depth: depth)
        case UInt8(ascii: "\""): try checkString()
        case UInt8(ascii: "t"): try checkWord("true")
        case UInt8(ascii: "f"): try checkWord("false")
        case UInt8(ascii: "n"): try checkWord("null")
        default: try checkNumber()
        }
    }

    private mutating func checkObject(depth: Int) throws(Problem) {
        offset += 1
        skipSpace()
        if take("}") { return }
        let start = offset
        var keys = KeyHashes()
        repeat {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw Problem(expected: "a key in quotes") }
            let key = offset
            try checkString()
            keys.append(hash(ofKeyAt: key))
            skipSpace()
            guard take(":") else { throw Problem(expected: "\":\" after a key") }
            skipSpace()
            try checkValue(depth: depth + 1)
            skipSpace()
        } while take(",")
        guard take("}") else { throw Problem(expected: "\",\" or \"}\"") }
        if keys.haveRepetition { try checkKeys(from: start) }
    }

    private mutating func checkArray(depth: Int) throws(Problem) {
        offset += 1
        skipSpace()
        if take("]") { return }
        repeat {
            skipSpace()
            try checkValue(depth: depth + 1)
            skipSpace()
        } while take(",")
        guard take("]") else { throw Problem(expected: "\",\" or \"]\"") }
    }

    private mutating func checkWord(_ word: StaticString) throws(Problem) {
        let end = offset + word.utf8CodeUnitCount
        guard end <= bytes.count, bytes[offset..<end].elementsEqual("\(word)".utf8) else {
            throw Problem(expected: "a value")
        }
        offset = end
    }

    private mutating func checkNumber() throws(Problem) {
        _ = take("-")
        if !take("0") { try checkDigits("a value") }
        if take(".") { try checkDigits("digits after the point") }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try checkDigits("digits of the exponent")
        }
    }

    private mutating func checkDigits(_ expected: String) throws(Problem) {
        guard (0x30...0x39).contains(current) else { throw Problem(expected: expected) }
        while (0x30...0x39).contains(current) { offset += 1 }
    }

    private mutating func checkString() throws(Problem) {
        offset += 1
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") {
                offset += 1
                return
            }
            guard byte >= 0x20 else { throw Problem(expected: "control characters escaped") }
            offset += 1
            guard byte == UInt8(ascii: "\\") else { continue }
            guard escapedScalar() != nil else { throw Problem(expected: "a valid escape") }
        }
        throw Problem(expected: "a closing quote")
    }

    /// Reads what follows a backslash; nil where it is no escape, or half a surrogate pair.
    mutating func escapedScalar() -> Unicode.Scalar? {
        let escape = current
        offset += 1
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(escape)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            guard let unit = hexadecimalUnit() else { return nil }
            guard (0xD800..<0xDC00).contains(unit) else { return Unicode.Scalar(unit) }
            guard take("\\"), take("u"), let low = hexadecimalUnit(), (0xDC00..<0xE000).contains(low) else {
                return nil
            }
            return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        default: return nil
        }
    }

    private mutating func hexadecimalUnit() -> UInt32? {
        guard offset + 4 <= bytes.count else { return nil }
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue else { return nil }
            unit = unit << 4 | UInt32(digit)
            offset += 1
        }
        return unit
    }

    /// Passes over a value that has been checked.
    mutating func skipValue() {
        var depth = 0
        repeat {
            switch current {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                skipString()
                continue
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0A, 0x0D, 0x09: break
            default:
                skipWord()
                continue
            }
            offset += 1
        } while depth > 0 && offset < bytes.count
    }

    mutating func skipString() {
        offset += 1
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
            offset += bytes[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        offset += 1
    }

    /// Passes over a number, true, false or null.
    private mutating func skipWord() {
        repeat { offset += 1 } while isInsideWord
    }

    private var isInsideWord: Bool {
        switch current {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "E"),
            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
