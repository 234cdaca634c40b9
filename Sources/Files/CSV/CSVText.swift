/// A field as RFC 4180 writes it.
public enum CSVText {
    public enum Style: Sendable {
        /// A text that a spreadsheet would run as a formula begins with an apostrophe, which makes it a text there.
        /// Source: https://owasp.org/www-community/attacks/CSV_Injection
        case forSpreadsheets
        /// As it is.
        case raw
    }

    /// A number is no formula, whatever its sign.
    private static func isNumber(_ text: String) -> Bool {
        text.wholeMatch(of: /[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil
    }

    /// A text in quotes where it needs them. Numbers aren't for this: they are written as they are.
    public static func field(_ text: String, style: Style = .forSpreadsheets) -> String {
        let starts = text.utf8.first.map { "=+-@\t\r".utf8.contains($0) } ?? false
        let text = style == .forSpreadsheets && starts && !isNumber(text) ? "'" + text : text
        guard text.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}
