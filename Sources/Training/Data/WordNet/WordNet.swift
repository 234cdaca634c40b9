import Tasks
import Diagnostics
import Files
import Foundation

/// WordNet's synsets: Fellbaum, "WordNet: an electronic lexical database", 1998. Debian's package `wordnet-base` has it.
public struct WordNet: Sendable {
    /// Where Debian's package puts it.
    public static let debianFolder = "/usr/share/wordnet"

    /// Nouns, verbs, adjectives, adverbs, each in its file's order.
    public let synsets: [Synset]
    public let files: [LoadedFile]

    /// Reads the four `data` files of a folder.
    ///
    /// - Throws: a diagnostic that says how to get WordNet where it isn't there; one with file and line for a line that
    ///   is not as wndb(5WN) defines it, or a hypernym that isn't there.
    public init(folder: String = WordNet.debianFolder) throws {
        var synsets: [Synset] = []
        var files: [LoadedFile] = []
        for part in PartOfSpeech.allCases {
            let path = "\(folder)/\(part.file)"
            guard FileManager.default.fileExists(atPath: path) else {
                throw Diagnostic(
                    "no such file of WordNet", at: SourceLocation(file: path),
                    suggestion: "install it with `make setup` or `apt-get install wordnet-base`, or name its folder")
            }
            let bytes = try TextFile.bytes(of: path)
            synsets += try Self.synsets(part, bytes, path: path)
            files.append(LoadedFile(path: path, sha256: SHA256Digest(of: bytes).description, variants: []))
        }
        self.synsets = synsets
        self.files = files
    }

    private static func synsets(_ part: PartOfSpeech, _ bytes: [UInt8], path: String) throws -> [Synset] {
        var synsets: [Synset] = []
        var lineOf: [Int: Int] = [:]
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            // The licence stands on lines that begin with two spaces.
            if line.starts(with: [0x20, 0x20]) || (line.isEmpty && line.startIndex == bytes.count) { continue }
            let location = SourceLocation(file: path, line: index + 1)
            var parser = SynsetParser(part, at: location)
            synsets.append(try parser.parse(line, offset: line.startIndex))
            lineOf[line.startIndex] = index + 1
        }
        for synset in synsets {
            for hypernym in synset.hypernyms where lineOf[hypernym] == nil {
                throw Diagnostic(
                    "expected a synset at the offset \(hypernym), found none",
                    at: SourceLocation(file: path, line: lineOf[synset.offset]))
            }
        }
        guard !synsets.isEmpty else { throw Diagnostic("expected synsets, found none", at: SourceLocation(file: path)) }
        return synsets
    }
}
