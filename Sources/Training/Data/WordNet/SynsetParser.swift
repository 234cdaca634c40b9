import Diagnostics

/// Reads a line of a `data` file as wndb(5WN) defines it:
///
///     synset_offset lex_filenum ss_type w_cnt word lex_id [word lex_id…] p_cnt [ptr…] [frames…] | gloss
struct SynsetParser {
    let partOfSpeech: PartOfSpeech
    let location: SourceLocation
    private var fields: ArraySlice<Substring> = []

    init(_ partOfSpeech: PartOfSpeech, at location: SourceLocation) {
        self.partOfSpeech = partOfSpeech
        self.location = location
    }

    /// - Parameter offset: where the line begins in the file, in bytes
    mutating func parse(_ line: String, offset: Int) throws -> Synset {
        guard let bar = line.firstIndex(of: "|") else {
            throw Diagnostic("expected \"|\" and a gloss, found none", at: location)
        }
        fields = line[..<bar].split(separator: " ")[...]
        let named = try number("the synset's offset of 8 digits", digits: 8)
        guard named == offset else {
            throw Diagnostic("expected the offset \(offset), where the line begins, found \(named)", at: location)
        }
        _ = try number("a lexicographer file of 2 digits", digits: 2)
        let types = partOfSpeech.types
        _ = try field("a synset type \(types.joined(separator: " or "))") { types.contains(String($0)) }
        let lemmas = try words()
        let hypernyms = try pointers()
        if partOfSpeech == .verb { try frames() }
        guard fields.isEmpty else {
            throw Diagnostic("expected \"|\" and a gloss, found \"\(fields.joined(separator: " "))\"", at: location)
        }
        let gloss = Gloss(line[line.index(after: bar)...])
        return Synset(
            partOfSpeech: partOfSpeech, offset: offset, lemmas: lemmas, hypernyms: hypernyms,
            definition: gloss.definition, examples: gloss.examples)
    }

    private mutating func words() throws -> [String] {
        let count = try number("a count of words, 2 hexadecimal digits", digits: 2, radix: 16)
        guard count > 0 else { throw Diagnostic("expected a word or more, found none", at: location) }
        return try (0..<count).map { _ in
            let word = try field("one of \(count) words") { !$0.isEmpty }
            _ = try number("a sense number, a hexadecimal digit", digits: 1, radix: 16)
            return Self.lemma(word)
        }
    }

    /// `abactinal(p)` is `abactinal`, in predicative position; `physical_object` has a space.
    private static func lemma(_ word: Substring) -> String {
        let marker = ["(p)", "(a)", "(ip)"].first(where: word.hasSuffix) ?? ""
        return word.dropLast(marker.count).split(separator: "_", omittingEmptySubsequences: false)
            .joined(separator: " ")
    }

    /// - Returns: the offsets of the hypernyms.
    private mutating func pointers() throws -> [Int] {
        let count = try number("a count of pointers, 3 digits", digits: 3)
        var hypernyms: [Int] = []
        for _ in 0..<count {
            let symbol = try field("the symbol of one of \(count) pointers") { !$0.isEmpty }
            let target = try number("a pointer's offset of 8 digits", digits: 8)
            let part = try field("a pointer's part of speech") { ["n", "v", "a", "s", "r"].contains($0) }
            _ = try number("a pointer's source and target, 4 hexadecimal digits", digits: 4, radix: 16)
            if symbol == "@" || symbol == "@i", partOfSpeech.types.contains(String(part)) {
                hypernyms.append(target)
            }
        }
        return hypernyms
    }

    private mutating func frames() throws {
        let count = try number("a count of verb frames, 2 digits", digits: 2)
        for _ in 0..<count {
            _ = try field("\"+\" before one of \(count) verb frames") { $0 == "+" }
            _ = try number("a verb frame of 2 digits", digits: 2)
            _ = try number("a word of 2 hexadecimal digits", digits: 2, radix: 16)
        }
    }

    private mutating func number(_ expected: String, digits: Int, radix: Int = 10) throws -> Int {
        let text = try field(expected) { $0.count == digits && !$0.contains { "+-".contains($0) } }
        guard let number = Int(text, radix: radix) else { throw unexpected(expected, text) }
        return number
    }

    private mutating func field(_ expected: String, _ isRight: (Substring) -> Bool) throws -> Substring {
        guard let field = fields.popFirst() else { throw unexpected(expected, "the gloss") }
        guard isRight(field) else { throw unexpected(expected, field) }
        return field
    }

    private func unexpected(_ expected: String, _ found: Substring) -> Diagnostic {
        Diagnostic("expected \(expected), found \"\(found)\"", at: location)
    }
}
