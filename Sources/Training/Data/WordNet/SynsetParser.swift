import Diagnostics

/// Reads a line of a `data` file as wndb(5WN) defines it:
///
///     synset_offset lex_filenum ss_type w_cnt word lex_id [word lex_id…] p_cnt [ptr…] [frames…] | gloss
///
/// Goes by bytes: there are 22 MB of them, and all that the format means is ASCII.
struct SynsetParser {
    let partOfSpeech: PartOfSpeech
    let location: SourceLocation
    /// What is still to be read before the gloss.
    private var rest: ArraySlice<UInt8> = []

    init(_ partOfSpeech: PartOfSpeech, at location: SourceLocation) {
        self.partOfSpeech = partOfSpeech
        self.location = location
    }

    /// - Parameters:
    ///   - line: in UTF-8
    ///   - offset: where the line begins in the file, in bytes
    mutating func parse(_ line: ArraySlice<UInt8>, offset: Int) throws -> Synset {
        guard let bar = line.firstIndex(of: UInt8(ascii: "|")) else {
            throw Diagnostic("expected \"|\" and a gloss, found none", at: location)
        }
        rest = line[..<bar]
        let named = try number("the synset's offset of 8 digits", digits: 8)
        guard named == offset else {
            throw Diagnostic("expected the offset \(offset), where the line begins, found \(named)", at: location)
        }
        _ = try number("a lexicographer file of 2 digits", digits: 2)
        let types = partOfSpeech.types
        _ = try field("a synset type \(types)") { $0.count == 1 && types.utf8.contains($0[$0.startIndex]) }
        let lemmas = try words()
        let hypernyms = try pointers()
        if partOfSpeech == .verb { try frames() }
        guard let gloss = String(validating: line[(bar + 1)...], as: UTF8.self) else {
            throw Diagnostic("expected UTF-8 text", at: location)
        }
        let left = rest.drop { $0 == UInt8(ascii: " ") }
        guard left.isEmpty else {
            throw unexpected("\"|\" and a gloss", left.prefix { $0 != UInt8(ascii: " ") })
        }
        let parts = Gloss(gloss[...])
        return Synset(
            partOfSpeech: partOfSpeech, offset: offset, lemmas: lemmas, hypernyms: hypernyms,
            definition: parts.definition, examples: parts.examples)
    }

    private mutating func words() throws -> [String] {
        let count = try number("a count of words, 2 hexadecimal digits", digits: 2, radix: 16)
        guard count > 0 else { throw Diagnostic("expected a word or more, found none", at: location) }
        return try (0..<count).map { _ in
            let word = try field("one of \(count) words") { !$0.isEmpty }
            _ = try number("a sense number, a hexadecimal digit", digits: 1, radix: 16)
            return try lemma(word)
        }
    }

    /// `abactinal(p)` is `abactinal`, in predicative position; `physical_object` has a space.
    private func lemma(_ word: ArraySlice<UInt8>) throws -> String {
        let spaced = word.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: " ") : $0 }
        guard let lemma = String(validating: spaced, as: UTF8.self) else {
            throw Diagnostic("expected UTF-8 text", at: location)
        }
        guard lemma.utf8.last == UInt8(ascii: ")") else { return lemma }
        let marker = ["(p)", "(a)", "(ip)"].first(where: lemma.hasSuffix) ?? ""
        return String(lemma.dropLast(marker.count))
    }

    /// - Returns: the offsets of the hypernyms.
    private mutating func pointers() throws -> [Int] {
        let count = try number("a count of pointers, 3 digits", digits: 3)
        var hypernyms: [Int] = []
        for _ in 0..<count {
            let symbol = try field("the symbol of one of \(count) pointers") { !$0.isEmpty }
            let target = try number("a pointer's offset of 8 digits", digits: 8)
            _ = try field("a pointer's part of speech, n, v, a, s or r") {
                $0.count == 1 && "nvasr".utf8.contains($0[$0.startIndex])
            }
            _ = try number("a pointer's source and target, 4 hexadecimal digits", digits: 4, radix: 16)
            // A kind of, or an instance of: always in the same file.
            if symbol.elementsEqual("@".utf8) || symbol.elementsEqual("@i".utf8) { hypernyms.append(target) }
        }
        return hypernyms
    }

    private mutating func frames() throws {
        let count = try number("a count of verb frames, 2 digits", digits: 2)
        for _ in 0..<count {
            _ = try field("\"+\" before one of \(count) verb frames") { $0.elementsEqual("+".utf8) }
            _ = try number("a verb frame of 2 digits", digits: 2)
            _ = try number("a word of 2 hexadecimal digits", digits: 2, radix: 16)
        }
    }

    private mutating func number(
        _ expected: @autoclosure () -> String, digits: Int, radix: Int = 10
    ) throws -> Int {
        let text = try field(expected()) { $0.count == digits }
        var number = 0
        for byte in text {
            let digit = Int(byte) - Int(UInt8(ascii: "0"))
            let letter = Int(byte | 0x20) - Int(UInt8(ascii: "a")) + 10
            if (0..<10).contains(digit) {
                number = number * radix + digit
            } else if (10..<radix).contains(letter) {
                number = number * radix + letter
            } else {
                throw unexpected(expected(), text)
            }
        }
        return number
    }

    /// The bytes up to the next space.
    private mutating func field(
        _ expected: @autoclosure () -> String, _ isRight: (ArraySlice<UInt8>) -> Bool
    ) throws -> ArraySlice<UInt8> {
        let start = rest.drop { $0 == UInt8(ascii: " ") }
        let field = start.prefix { $0 != UInt8(ascii: " ") }
        guard !field.isEmpty else { throw unexpected(expected(), Array("the gloss".utf8)[...]) }
        guard isRight(field) else { throw unexpected(expected(), field) }
        rest = start[field.endIndex...]
        return field
    }

    private func unexpected(_ expected: String, _ found: ArraySlice<UInt8>) -> Diagnostic {
        Diagnostic("expected \(expected), found \"\(String(decoding: found, as: UTF8.self))\"", at: location)
    }
}
