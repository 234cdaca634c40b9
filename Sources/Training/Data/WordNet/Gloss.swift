/// What a synset's gloss says: `definition; more of it; "an example"; "a quoted one"--Author`.
struct Gloss {
    var definition: String
    var examples: [String]

    /// Parts end at a semicolon outside of quotes. One that begins with a quote is an example, up to the next quote;
    /// what follows that is its author. All others are the definition, quoted words in it included.
    init(_ text: some StringProtocol) {
        var definitions: [String] = []
        examples = []
        for part in Self.parts(of: text) {
            if part.first == "\"" {
                let example = part.dropFirst().prefix { $0 != "\"" }.trimmed
                if !example.isEmpty { examples.append(example) }
            } else if !part.isEmpty {
                definitions.append(part)
            }
        }
        definition = definitions.joined(separator: "; ")
    }

    private static func parts(of text: some StringProtocol) -> [String] {
        var parts: [String] = []
        var part = ""
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character == ";", !isQuoted {
                parts.append(part.trimmed)
                part = ""
            } else {
                part.append(character)
            }
        }
        return parts + [part.trimmed]
    }
}

extension StringProtocol {
    /// Without the white space at either end.
    fileprivate var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
