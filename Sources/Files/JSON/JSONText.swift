/// JSON's spelling of texts and lists (RFC 8259), everything but its control characters left as it is.
public enum JSONText {
    public static func list(_ texts: [String]) -> String {
        "[" + texts.map(quoted).joined(separator: ", ") + "]"
    }

    /// An object, a member a line.
    ///
    /// - Parameter members: keys, and their values as JSON
    public static func object(_ members: [(key: String, value: String)]) -> String {
        "{\n" + members.map { "  \(quoted($0.key)): \($0.value)" }.joined(separator: ",\n") + "\n}\n"
    }

    public static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// A number; `null` for NaN, which JSON doesn't have.
    public static func number(_ value: Double) -> String {
        value.isFinite ? String(value) : "null"
    }
}
