/// Any text as one name of an HDF5 path, reversibly: percent-encoding, as `urllib.parse.unquote` undoes it.
///
/// Encoded are `/`, which separates names, `%`, NUL, and the dots of the names `.` and `..`. The empty text is a lone `%`.
package enum PathName {
    package static func escaped(_ text: String) -> String {
        if text.isEmpty { return "%" }
        let isDots = text == "." || text == ".."
        var name = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "%": name += "%25"
            case "/": name += "%2F"
            case "\0": name += "%00"
            case "." where isDots: name += "%2E"
            default: name.unicodeScalars.append(scalar)
            }
        }
        return name
    }

    /// The text of a name; a `%` without two hexadecimal digits stays as it is.
    package static func unescaped(_ name: String) -> String {
        if name == "%" { return "" }
        let bytes = Array(name.utf8)
        var text: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let digits = bytes[position...].dropFirst().prefix(2)
            if bytes[position] == UInt8(ascii: "%"), digits.count == 2,
                digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
                let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                text.append(byte)
                position += 3
            } else {
                text.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
