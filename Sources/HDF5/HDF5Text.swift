import Diagnostics

/// Text as HDF5 strings hold it: UTF-8 that a zero byte ends.
enum HDF5Text {
    /// The text with each NUL, which would end it, shown as its picture `␀` (U+2400).
    static func storable(_ text: String) -> String {
        guard text.utf8.contains(0) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value == 0 ? "\u{2400}" : $0 }))
    }

    /// The text up to the first zero byte.
    static func decoded(_ bytes: some Collection<UInt8>, of place: String) throws -> String {
        guard let text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) else {
            throw Diagnostic("expected UTF-8 text in \(place)")
        }
        return text
    }
}
