import Diagnostics
import Foundation
import TestSupport
import Testing
import Weights

@Suite("Files of word vectors")
struct WordVectorFileTests {
    private func file<R>(_ name: String, _ bytes: [UInt8], _ body: (WordVectorFile) throws -> R) throws -> R {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/" + name
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            return try body(WordVectorFile(path))
        }
    }

    private static func binary(_ words: [(String, [Float])], separator: String = "\n") -> [UInt8] {
        var bytes = Array("\(words.count) \(words[0].1.count)\n".utf8)
        for (word, vector) in words {
            bytes += Array(word.utf8) + [0x20]
            for value in vector {
                for byte in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * byte))) }
            }
            bytes += Array(separator.utf8)
        }
        return bytes
    }

    @Test("GloVe's text, word2vec's and fastText's with a first line, and word2vec's binary format hold the same")
    func formats() throws {
        let text = "cat 1 -2.5e-1 3\n. . 0 0 1 \r\ncat 9 9 9\n"
        let binary: [(String, [Float])] = [("cat", [1, -0.25, 3]), (". .", [0, 0, 1])]
        for (name, bytes) in [
            ("x.txt", Array(text.utf8)), ("x.vec", Array("3 3\n\(text)".utf8)),
        ] {
            try file(name, bytes) { file in
                #expect(file.words == ["cat", ". .", nil])
                #expect(file.repeatedCount == 1)
                #expect(file.dimensions == 3)
                let vectors = try (0..<3).map { try file.vector($0) }
                #expect(vectors == [[1, -0.25, 3], [0, 0, 1], [9, 9, 9]])
            }
        }
        for separator in ["\n", ""] {
            try file("x.bin", Self.binary([binary[0]] + [("é", [7, 8, 9])], separator: separator)) { file in
                #expect(file.words == ["cat", "é"])
                let vectors = try (0..<2).map { try file.vector($0) }
                #expect(vectors == [[1, -0.25, 3], [7, 8, 9]])
            }
        }
    }

    @Test(
        "What is no file of word vectors is an error that says where",
        arguments: [
            ("x.txt", "cat 1 2\ndog 1\n", 2, "expected a word and 2 numbers, found 1"),
            ("x.txt", "2 2\ncat 1 2\n", nil, "expected 2 words as its first line says, found 1"),
            ("x.txt", "cat\n", 1, "expected a word and its numbers"),
            ("x.txt", "3 3\n", nil, "found none"),
            ("x.bin", "hello", nil, "which begins with the numbers of words and of dimensions"),
            ("x.bin", "3 4\ncat 1234567890123456", nil, "more than the file's"),
            ("x.bin", "1 2\ncat_1234567890", nil, "word 1 of 1 is cut short"),
        ])
    func malformed(_ name: String, _ text: String, _ line: Int?, _ message: String) throws {
        let error = try #require(throws: Diagnostic.self) { try file(name, Array(text.utf8)) { _ in } }
        #expect(error.message.contains(message), "\(error)")
        #expect(error.location?.line == line)
    }

    @Test("A number that is none is an error where the word is read")
    func number() throws {
        try file("x.txt", Array("cat 1 2\ndog 1 x\n".utf8)) { file in
            #expect(try file.vector(0) == [1, 2])
            let error = try #require(throws: Diagnostic.self) { try file.vector(1) }
            #expect(error.message == "expected numbers behind the word \"dog\", found \"x\"")
        }
    }
}
