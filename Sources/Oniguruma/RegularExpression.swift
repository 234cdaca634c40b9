import COnig
import Diagnostics

/// A regular expression as Oniguruma reads it: the library that the tokenizers library compiles the patterns of a
/// `tokenizer.json` with.
///
/// Patterns of other libraries look alike and differ: `a{3}+` is "threes, again and again" here and possessive elsewhere,
/// `\h` a hexadecimal digit, `$` the end of any line. UTF-8 text, Oniguruma's default syntax, no options, as the onig
/// crate's `Regex::new` has it.
package struct RegularExpression: Sendable {
    package let pattern: String
    private let compiled: Compiled

    /// Freed with its last copy. A compiled expression is only read by a search, so that threads may share it.
    private final class Compiled: @unchecked Sendable {
        let expression: OnigRegex

        init(_ expression: OnigRegex) { self.expression = expression }

        deinit { onig_free(expression) }
    }

    /// How far the searches in one text may go, together. Patterns come with a model: one that goes back again and again
    /// is an error in time proportional to the text.
    package struct Limits: Sendable {
        /// Backtracking steps for a match that begins at one place: Oniguruma's own default, at which the tokenizers library
        /// gives up too.
        package var stepsOfMatch = 10_000_000
        /// Those that each text may take, and that each of its bytes adds; tokenizers' patterns take two or three a byte. Few,
        /// since one pattern may cut a sentence into many texts for the next.
        package var steps = 100_000
        package var stepsOfByte = 1000
        /// States to go back to that are remembered at once, 40 bytes each.
        package var states = 4_000_000
        /// Processor time of one text, and what each of its bytes adds, up to `mostSeconds`. Steps forward are in no count of
        /// Oniguruma's, and `(?>a*)b` takes them by the square; tokenizers' patterns take a tenth of a microsecond a byte.
        package var seconds = 1.0
        package var secondsOfByte = 5e-6
        package var mostSeconds = 30.0

        package init() {}

        /// Of a text of so many bytes.
        package func seconds(ofBytes count: Int) -> Double {
            min(mostSeconds, seconds + secondsOfByte * Double(count))
        }
    }

    /// Oniguruma's version, whose tables its character classes are of.
    package static let version = "Oniguruma \(String(cString: onig_version()))"

    private static let start: Int32 = bellm_onig_start()

    /// - Throws: with Oniguruma's message, where it doesn't know the pattern.
    package init(_ pattern: String) throws(Diagnostic) {
        let bytes = Array(Self.translated(pattern).utf8)
        var expression: OnigRegex?
        var message = [UInt8](repeating: 0, count: Int(bellm_onig_message_room()))
        var code = Self.start
        if code == ONIG_NORMAL {
            code = bytes.withUnsafeBufferPointer { bytes in
                // An empty array may have no address, which Oniguruma would take for an error.
                var empty: UInt8 = 0
                return withUnsafePointer(to: &empty) { none in
                    bellm_onig_new(&expression, bytes.baseAddress ?? none, bytes.count, &message)
                }
            }
        }
        guard code == ONIG_NORMAL, let expression else {
            throw Diagnostic("expected a regular expression that Oniguruma knows: \(Self.text(message))")
        }
        self.pattern = pattern
        compiled = Compiled(expression)
    }

    /// A pattern for an Oniguruma before 6.9.9, whose `[:punct:]` lacks the symbols that later ones have there, and so the
    /// tokenizers library.
    private static func translated(_ pattern: String) -> String {
        guard isOld, pattern.utf8.count > 8 else { return pattern }
        var translated: [UInt8] = []
        var rest = Array(pattern.utf8)[...]
        search: while let byte = rest.first {
            for (old, new) in [("[:punct:]", #"\p{P}\p{S}"#), ("[:^punct:]", #"[^\p{P}\p{S}]"#)]
            where rest.starts(with: old.utf8) {
                translated += new.utf8
                rest = rest.dropFirst(old.utf8.count)
                continue search
            }
            // An escaped character begins nothing.
            let width = byte == UInt8(ascii: "\\") ? 2 : 1
            translated += rest.prefix(width)
            rest = rest.dropFirst(width)
        }
        return String(decoding: translated, as: UTF8.self)
    }

    private static let isOld: Bool = {
        let numbers = String(cString: onig_version()).split(separator: ".").map { Int($0) ?? 0 }
        return numbers.lexicographicallyPrecedes([6, 9, 9])
    }()

    static func text(_ message: [UInt8]) -> String {
        String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Where the pattern occurs in UTF-8 text, in order and without overlap, in bytes; occurrences without a character too,
    /// but for one that touches the end of the occurrence before it. This is the onig crate's `find_iter`.
    ///
    /// - Throws: where the searches exceed `limits`.
    package func matches(in text: [UInt8], limits: Limits = Limits()) throws(Diagnostic) -> [Range<Int>] {
        let search = try ExpressionSearch(
            compiled.expression, in: text, limits, seesStart: pattern.contains(#"\G"#))
        var matches: [Range<Int>] = []
        var start = 0
        while start <= text.count {
            let found: Range<Int>?
            do {
                found = try search.first(from: start)
            } catch {
                throw Diagnostic(
                    "the pattern \"\(pattern)\" can't be searched in \(Self.excerpt(text[start...])): \(error.message)")
            }
            guard let match = found else { break }
            if match.isEmpty, matches.last?.upperBound == match.upperBound {
                start += Self.width(of: text, at: start)
            } else {
                matches.append(match)
                start = match.upperBound
            }
        }
        return matches
    }

    /// The bytes of the character at an offset; 1 at the text's end.
    private static func width(of text: [UInt8], at offset: Int) -> Int {
        var end = offset + 1
        while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
        return end - offset
    }

    /// A text's beginning in quotes.
    private static func excerpt(_ text: ArraySlice<UInt8>) -> String {
        let beginning = String(decoding: text.prefix(240), as: UTF8.self).unicodeScalars.prefix(60)
        let quoted = String(String.UnicodeScalarView(beginning)).debugDescription
        return beginning.reduce(0, { $0 + String($1).utf8.count }) < text.count ? quoted + "…" : quoted
    }
}
