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

    /// How far a search may go.
    package struct Limits: Sendable {
        /// Backtracking steps for a match that begins at one place: Oniguruma's own default, at which the tokenizers library
        /// gives up too.
        package var stepsOfMatch = 10_000_000
        /// Those of all places where one search tries to begin.
        package var stepsOfSearch = 50_000_000
        /// States to go back to that are remembered at once, 40 bytes each.
        package var states = 4_000_000

        package init() {}
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

    private static func text(_ message: [UInt8]) -> String {
        String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Where the pattern occurs in UTF-8 text, in order and without overlap, in bytes; occurrences without a character too,
    /// but for one that touches the end of the occurrence before it. This is the onig crate's `find_iter`.
    ///
    /// - Throws: where a search exceeds `limits`.
    package func matches(in text: [UInt8], limits: Limits = Limits()) throws(Diagnostic) -> [Range<Int>] {
        let search = try Search(limits)
        var matches: [Range<Int>] = []
        var start = 0
        while start <= text.count {
            guard let match = try search.first(compiled.expression, in: text, from: start, pattern: pattern) else {
                break
            }
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

    /// What Oniguruma needs for a search beside the expression.
    private final class Search {
        private let region: UnsafeMutablePointer<OnigRegion>
        private let parameters: OpaquePointer

        init(_ limits: Limits) throws(Diagnostic) {
            guard let region = onig_region_new(), let parameters = onig_new_match_param() else {
                throw Diagnostic("no memory for a regular expression's search")
            }
            (self.region, self.parameters) = (region, parameters)
            onig_initialize_match_param(parameters)
            onig_set_retry_limit_in_match_of_match_param(parameters, UInt(limits.stepsOfMatch))
            onig_set_retry_limit_in_search_of_match_param(parameters, UInt(limits.stepsOfSearch))
            onig_set_match_stack_limit_size_of_match_param(parameters, UInt32(limits.states))
        }

        deinit {
            onig_region_free(region, 1)
            onig_free_match_param(parameters)
        }

        /// The first match that begins at `offset` or behind it.
        func first(
            _ expression: OnigRegex, in text: [UInt8], from offset: Int, pattern: String
        ) throws(Diagnostic) -> Range<Int>? {
            let code = text.withUnsafeBufferPointer { bytes in
                var empty: UInt8 = 0
                return withUnsafePointer(to: &empty) { none in
                    let start = bytes.baseAddress ?? none
                    let end = start + bytes.count
                    return onig_search_with_param(
                        expression, start, end, start + offset, end, region, ONIG_OPTION_NONE, parameters)
                }
            }
            if code == ONIG_MISMATCH { return nil }
            guard code >= 0 else {
                var message = [UInt8](repeating: 0, count: Int(bellm_onig_message_room()))
                bellm_onig_message(code, &message)
                throw Diagnostic(
                    "the pattern \"\(pattern)\" can't be searched in \(excerpt(text[offset...])): \(RegularExpression.text(message))"
                )
            }
            return Int(region.pointee.beg[0])..<Int(region.pointee.end[0])
        }

        /// A text's beginning in quotes.
        private func excerpt(_ text: ArraySlice<UInt8>) -> String {
            let beginning = String(decoding: text.prefix(240), as: UTF8.self).unicodeScalars.prefix(60)
            let quoted = String(String.UnicodeScalarView(beginning)).debugDescription
            return beginning.reduce(0, { $0 + String($1).utf8.count }) < text.count ? quoted + "…" : quoted
        }
    }
}
