extension StringProtocol {
    /// The text as a terminal may get it, where it comes from a file, a path, a server or a key: what would move the
    /// cursor, change colours, answer as if typed, or turn the reading direction round is written as an escape, such as
    /// `\\u{1B}`.
    ///
    /// - Parameter lines: whether the text may have line ends, of which CSV's carriage returns are left out, and tabs
    public func visible(lines: Bool = false) -> String {
        guard unicodeScalars.contains(where: { $0.actsOnTerminal }) else { return String(self) }
        var text = String.UnicodeScalarView()
        let scalars = Array(unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            if lines, scalar == "\r", scalars.dropFirst(index + 1).first == "\n" { continue }
            if !scalar.actsOnTerminal || (lines && (scalar == "\n" || scalar == "\t")) {
                text.append(scalar)
            } else {
                text.append(contentsOf: scalar.escape.unicodeScalars)
            }
        }
        return String(text)
    }
}

extension Unicode.Scalar {
    /// Control characters of both sets, line and paragraph separators, and what sets a direction.
    fileprivate var actsOnTerminal: Bool {
        switch value {
        case 0x20..<0x7F: false
        case 0x00..<0x20, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x206F, 0xFEFF,
            0xE0000...0xE007F:
            true
        default: false
        }
    }

    fileprivate var escape: String {
        switch self {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(value, radix: 16, uppercase: true))}"
        }
    }
}
