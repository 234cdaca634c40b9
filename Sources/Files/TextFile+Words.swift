extension TextFile {
    /// A text's words as Python's `str.split` finds them, by Unicode scalars: a combining mark doesn't hide a space.
    public static func words(in text: String) -> [String] {
        text.unicodeScalars.split(whereSeparator: isWhiteSpace).map { String($0) }
    }

    /// Whether a text has no word.
    public static func isBlank(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(isWhiteSpace) }

    /// Unicode's White_Space, and the four separators U+001C…U+001F that Python's `str.split` takes as well.
    private static func isWhiteSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x1C...0x20: true
        // Nearly all there is, without a look into Unicode's tables.
        case ..<0x80: false
        default: scalar.properties.isWhitespace
        }
    }
}
