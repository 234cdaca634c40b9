import Diagnostics
import Files

/// A token that is matched in a text as it is written, before the model sees the text: `AddedToken` of the tokenizers
/// library.
struct AddedToken: Sendable {
    /// Negative where a file names the token and none gives it an id: a text that has it can't be encoded.
    var id: Int32
    var content: String
    /// Only where no word character touches it.
    var isSingleWord = false
    /// Takes the white space before it, and behind.
    var stripsLeft = false
    var stripsRight = false
    /// Matched in the normalised text, in its normalised form.
    var isNormalised = false
    var isSpecial = true
}

extension AddedToken {
    /// The error for a text with a token that has no id.
    var missing: Diagnostic {
        Diagnostic(
            "the text contains the special token \"\(content)\", which the model's vocabulary has no id for",
            suggestion: "tokenizer_config.json, special_tokens_map.json or the tokenizer's class names it; "
                + "tokenizer.json's added_tokens can give it one")
    }

    /// Whether both are found at the same places of a text.
    func isFound(as other: AddedToken) -> Bool { isCut(as: other) && isNormalised == other.isNormalised }

    /// The same where no normaliser changes what is found.
    func isCut(as other: AddedToken) -> Bool {
        (isSingleWord, stripsLeft, stripsRight) == (other.isSingleWord, other.stripsLeft, other.stripsRight)
    }
}

/// Finds added tokens in a text: the leftmost first, of several at one place the longest.
struct AddedTokens: Sendable {
    private struct Entry: Sendable {
        var token: AddedToken
        var scalars: [Unicode.Scalar]
    }

    /// By the first character, the longest first.
    private var byFirst: [Unicode.Scalar: [Entry]] = [:]

    /// Those that are searched as they are written.
    init(_ tokens: [AddedToken]) { self.init(tokens) { Array($0.unicodeScalars) } }

    /// - Parameter spelling: how the text that is searched spells a token
    init(_ tokens: [AddedToken], spelling: (String) throws -> [Unicode.Scalar]) rethrows {
        for token in tokens {
            let scalars = try spelling(token.content)
            if let first = scalars.first { byFirst[first, default: []].append(Entry(token: token, scalars: scalars)) }
        }
        for first in byFirst.keys { byFirst[first]?.sort { $0.scalars.count > $1.scalars.count } }
    }

    struct Part {
        var range: Range<Int>
        /// nil for a text between two added tokens.
        var token: AddedToken?
        var id: Int32? { token?.id }
    }

    /// Cuts a text at the added tokens in it.
    func parts(of text: [AlignedScalar]) -> [Part] {
        guard !byFirst.isEmpty else { return text.isEmpty ? [] : [Part(range: 0..<text.count, token: nil)] }
        var parts: [Part] = []
        var plainStart = 0
        var index = 0
        while index < text.count {
            guard let entry = entry(in: text, at: index) else {
                index += 1
                continue
            }
            var match = index..<index + entry.scalars.count
            index = match.upperBound
            guard !entry.token.isSingleWord || isSingleWord(match, in: text) else { continue }
            // White space that a token takes may be, or have, another token: the library looks for all of them first.
            extend(&match, for: entry.token, in: text, from: plainStart)
            if plainStart < match.lowerBound { parts.append(Part(range: plainStart..<match.lowerBound, token: nil)) }
            // One of white space of which nothing is left is none.
            if !match.isEmpty { parts.append(Part(range: match, token: entry.token)) }
            plainStart = match.upperBound
        }
        if plainStart < text.count { parts.append(Part(range: plainStart..<text.count, token: nil)) }
        return parts
    }

    private func entry(in text: [AlignedScalar], at index: Int) -> Entry? {
        byFirst[text[index].scalar]?.first { entry in
            index + entry.scalars.count <= text.count
                && entry.scalars.indices.allSatisfy { text[index + $0].scalar == entry.scalars[$0] }
        }
    }

    private func isSingleWord(_ match: Range<Int>, in text: [AlignedScalar]) -> Bool {
        let touchesLeft = match.lowerBound > 0 && text[match.lowerBound - 1].scalar.isWordCharacter
        let touchesRight = match.upperBound < text.count && text[match.upperBound].scalar.isWordCharacter
        return !touchesLeft && !touchesRight
    }

    /// The white space beside a token that it takes, but for what an earlier one has taken.
    private func extend(_ match: inout Range<Int>, for token: AddedToken, in text: [AlignedScalar], from start: Int) {
        var (lower, upper) = (match.lowerBound, match.upperBound)
        if token.stripsLeft {
            while lower > start, text[lower - 1].scalar.isWhiteSpace { lower -= 1 }
            lower = max(lower, start)
        }
        while token.stripsRight, upper < text.count, text[upper].scalar.isWhiteSpace { upper += 1 }
        match = lower..<max(lower, upper)
    }
}

extension AddedTokens {
    /// Those that are searched in the text as a file's normalizer makes it, which makes the same of them.
    ///
    /// - Throws: where one becomes nothing, and for ``trouble``.
    static func normalised(_ tokens: [AddedToken], by step: NormalisationStep?) throws -> AddedTokens {
        try AddedTokens(tokens) { content in
            let scalars = [AlignedScalar](content)
            let normalised = try (step?.apply(to: scalars) ?? scalars).map(\.scalar)
            guard !normalised.isEmpty || content.isEmpty else {
                throw Diagnostic(
                    "the added token \(JSONText.quoted(content)) is normalised to nothing, which the tokenizers library finds everywhere"
                )
            }
            return normalised
        }.checked()
    }

    /// - Throws: for what the tokenizers library answers by chance, or stops at.
    func checked() throws(Diagnostic) -> AddedTokens {
        let entries = byFirst.values.joined()
        let alike = Dictionary(grouping: entries) { $0.scalars }.values.first { $0.count > 1 }
        if let names = alike?.map({ JSONText.quoted($0.token.content) }).sorted() {
            throw Diagnostic(
                "the added tokens \(names.joined(separator: " and ")) are normalised alike, and the tokenizers library takes either by chance"
            )
        }
        guard entries.contains(where: { $0.token.stripsRight }) else { return self }
        let hollow = entries.first {
            $0.token.stripsLeft && !$0.token.stripsRight && $0.scalars.allSatisfy(\.isWhiteSpace)
        }
        if let hollow {
            throw Diagnostic(
                "the added token \(JSONText.quoted(hollow.token.content)) is white space with lstrip and without rstrip, which the tokenizers library stops at behind a token with rstrip"
            )
        }
        return self
    }
}
