import Tokenizers

/// A normaliser as steps of the tokenizers library, which see the sentence behind its prompt: nothing of the prompt may change.
///
/// Each prompt is looked for at the text's beginning, by what stands before a place.
struct LibraryNormaliser {
    /// What may stand before a sentence; empty for nothing.
    let prompts: [String]
    private typealias Step = TokenizerChanges.Replacement

    /// What `TextFile.words` takes for white space.
    private static let whiteSpace =
        #"[\x{09}-\x{0D}\x{1C}-\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]+"#
    /// The text's end. `\z` is that too, but Oniguruma 6.9.8 finds it wrongly behind what looks back.
    private static let end = #"(?![\s\S])"#
    private static func isWhiteSpace(_ scalar: Unicode.Scalar) -> Bool {
        (0x1C...0x1F).contains(scalar.value) || scalar.properties.isWhitespace
    }

    /// What a normaliser does, in its order.
    ///
    /// - Returns: nil for what depends on more than the sentence.
    func steps(of normaliser: Normaliser) -> [TokenizerChanges.Replacement]? {
        switch normaliser {
        case .verbatim: []
        case .none: squeezing
        case .prompteol: squeezing + fullStop
        case .prompteolQuotes: squeezing + fullStop + [Step(notInPrompt { $0 == "\"" } + "\"", with: "'")]
        case .bellmReleased: nil
        }
    }

    /// What puts words behind a text, before the tokenizer sees it.
    static func appending(_ words: String) -> [TokenizerChanges.Replacement] {
        words.isEmpty ? [] : [Step(end, with: words)]
    }

    /// White space goes from a sentence's ends, and each other run of it is one space.
    private var squeezing: [Step] {
        let spaces = Self.whiteSpace
        let named = prompts.filter { !$0.isEmpty }
        var steps: [Step] = []
        if !named.isEmpty { steps.append(Step(Self.behind(named, "<=") + spaces, with: "")) }
        let begins = named.contains { $0.unicodeScalars.first.map(Self.isWhiteSpace) ?? false }
        if named.count < prompts.count, !begins { steps.append(Step(#"\A"# + spaces, with: "")) }
        return steps + [
            Step(notInPrompt(Self.isWhiteSpace) + spaces + Self.end, with: ""),
            Step(notInPrompt(Self.isWhiteSpace) + spaces, with: " "),
        ]
    }

    /// PromptEOL's rule: a question mark at the end becomes a full stop, and a sentence has one, or a quote, at its end.
    private var fullStop: [Step] {
        let named = prompts.filter { !$0.isEmpty }
        return [
            Step(notInPrompt { $0 == "?" } + #"\?"# + Self.end, with: "."),
            Step(#"(?<=[^."'])"# + (named.isEmpty ? "" : Self.behind(named, "<!")) + Self.end, with: "."),
        ]
    }

    /// Looks back: no character of a prompt of this kind stands here.
    private func notInPrompt(_ isOfKind: (Unicode.Scalar) -> Bool) -> String {
        let beginnings = prompts.flatMap { prompt in
            let scalars = prompt.unicodeScalars
            return scalars.indices.filter { isOfKind(scalars[$0]) }.map { String(scalars[..<$0]) }
        }
        return beginnings.isEmpty ? "" : Self.behind(beginnings, "<!")
    }

    /// Looks back whether what stands before this place is one of these from the text's beginning on.
    private static func behind(_ texts: [String], _ look: String) -> String {
        var seen: Set<[UInt8]> = []
        let own = texts.filter { seen.insert(Array($0.utf8)).inserted }
        return "(?\(look)" + own.map { #"\A"# + escaped($0) }.joined(separator: "|") + ")"
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            return isPlain ? String(scalar) : "\\x{" + String(scalar.value, radix: 16, uppercase: true) + "}"
        }.joined()
    }
}
