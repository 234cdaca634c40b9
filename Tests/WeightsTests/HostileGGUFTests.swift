import Diagnostics
import TestSupport
import Testing
import Weights

@Suite("A hostile, damaged or foreign file is one clear error")
struct HostileGGUFTests {
    @Test("Cut short at any byte")
    func truncated() throws {
        let whole = GGUFWriter.example.bytes
        _ = try openGGUF(whole)
        for length in 1..<whole.count {
            let message = try messageOnOpening(Array(whole[..<length]))
            #expect(message.contains("cut short") || length < 4, "\(length) bytes: \(message)")
        }
    }

    @Test("Not a GGUF file", arguments: [("PK\u{3}\u{4}....", "\"PK..\""), ("version https://git-lfs", "\"vers\"")])
    func foreign(_ text: String, _ excerpt: String) throws {
        let message = try messageOnOpening(Array(text.utf8))
        #expect(message.contains("expected a GGUF file, which begins with \"GGUF\", found \(excerpt)"))
    }

    @Test(
        "Another version or byte order",
        arguments: [
            (0, "found version 0"), (1, "found version 1; convert"), (4, "found version 4"),
            (UInt32(3).byteSwapped, "found a big-endian one (version 3)"),
        ])
    func version(_ version: UInt32, _ expected: String) throws {
        var writer = GGUFWriter.example
        writer.version = version
        #expect(try messageOnOpening(writer.bytes).contains(expected))
    }

    @Test("One part of several")
    func split() throws {
        var writer = GGUFWriter.example
        writer.metadata.append(("split.count", .uint16(3)))
        #expect(try messageOnOpening(writer.bytes).contains("found one of 3 parts"))
        writer.metadata[writer.metadata.count - 1].value = .uint16(1)
        _ = try openGGUF(writer.bytes)
    }

    @Test("Counts that the file cannot hold", arguments: [24, 1 << 31, 1 << 60, UInt64(Int64.max), .max])
    func counts(_ count: UInt64) throws {
        var keys = GGUFWriter()
        keys.claimedKeys = count
        #expect(try messageOnOpening(keys.bytes).contains("the number of metadata keys is given as \(count)"))
        var tensors = GGUFWriter()
        tensors.claimedTensors = count
        #expect(try messageOnOpening(tensors.bytes).contains("the number of tensors is given as \(count)"))

        for element in [UInt32(0), 6, 8, 9, 12] {
            var array = GGUFWriter()
            array.metadata = [("long", .raw(type: 9, littleEndian([element]) + littleEndian([count])))]
            #expect(try messageOnOpening(array.bytes).contains("the length of \"long\" is given as \(count)"))
        }
        var string = GGUFWriter()
        string.metadata = [("long", .raw(type: 8, littleEndian([count])))]
        #expect(try messageOnOpening(string.bytes).contains("expected \(count) bytes for \"long\""))
    }

    @Test("Any key that is there twice is an error, wherever the second stands, whether the two agree or not")
    func repeatedKeys() throws {
        var random = SeededRandom(seed: 17)
        for _ in 0..<40 {
            var writer = GGUFWriter.example
            let (key, value) = writer.metadata[Int.random(in: writer.metadata.indices, using: &random)]
            let other = Bool.random(using: &random) ? value : .uint32(7)
            writer.metadata.insert((key, other), at: Int.random(in: 0...writer.metadata.count, using: &random))
            #expect(try messageOnOpening(writer.bytes).contains("metadata key \"\(key)\" is there twice"))
        }
    }

    @Test("Keys and names that are empty, too long, not UTF-8, unprintable, or there twice")
    func names() throws {
        var writer = GGUFWriter.example
        writer.metadata.append(("u8", .uint8(1)))
        #expect(try messageOnOpening(writer.bytes).contains("metadata key \"u8\" is there twice"))
        writer.metadata[writer.metadata.count - 1].key = ""
        #expect(try messageOnOpening(writer.bytes).contains("1 to 65535 bytes, found a length of 0"))
        writer.metadata[writer.metadata.count - 1].key = String(repeating: "k", count: 65_536)
        #expect(try messageOnOpening(writer.bytes).contains("1 to 65535 bytes, found a length of 65536"))

        writer = .example
        writer.tensors[1].name = "output.weight"
        #expect(try messageOnOpening(writer.bytes).contains("tensor \"output.weight\" is there twice"))
        writer.tensors[1].name = ""
        #expect(try messageOnOpening(writer.bytes).contains("1 to 64 bytes, found a length of 0"))
        writer.tensors[1].name = String(repeating: "n", count: 65)
        #expect(try messageOnOpening(writer.bytes).contains("1 to 64 bytes, found a length of 65"))
        writer.tensors[1].name = "two\nlines\u{1B}[2J"
        #expect(try messageOnOpening(writer.bytes).contains(#"control characters, found "two\nlines\u{1B}[2J""#))

        var bytes = GGUFWriter.example.bytes
        let firstKey = 4 + 4 + 8 + 8 + 8
        bytes[firstKey] = 0xFF
        #expect(try messageOnOpening(bytes).contains("expected metadata key 0 at byte 32 to be UTF-8 text"))
    }

    @Test("A string value that is not UTF-8 is an error when it is read, not before")
    func badText() throws {
        var writer = GGUFWriter()
        writer.metadata = [("bad", .raw(type: 8, littleEndian([UInt64(2)]) + [0xC3, 0x28]))]
        let file = try openGGUF(writer.bytes)
        let error = try #require(throws: Diagnostic.self) { try file.metadata.string("bad") }
        #expect(error.message.contains("expected \"bad\""))
    }

    @Test("Values of an unknown type, a bool of 2, arrays nested too deeply")
    func values() throws {
        var writer = GGUFWriter()
        writer.metadata = [("odd", .raw(type: 13, [0]))]
        #expect(try messageOnOpening(writer.bytes).contains("the type of \"odd\" to be 0 to 12, found 13"))
        writer.metadata = [("odd", .raw(type: 7, [2]))]
        let file = try openGGUF(writer.bytes)
        let error = try #require(throws: Diagnostic.self) { try file.metadata.flag("odd") }
        #expect(error.message == "expected \"odd\" to be 0 or 1, found 2")
        let levels = (0..<100_000).flatMap { _ in littleEndian([UInt32(9)]) + littleEndian([UInt64(1)]) }
        writer.metadata = [("deep", .raw(type: 9, levels))]
        #expect(try messageOnOpening(writer.bytes).contains("nested deeper than 8"))
    }

    @Test("An alignment that is no power of two", arguments: [0, 3, 48, UInt32.max])
    func alignment(_ alignment: UInt32) throws {
        var writer = GGUFWriter.example
        writer.metadata.append(("general.alignment", .uint32(alignment)))
        #expect(try messageOnOpening(writer.bytes).contains("power of two up to 2^30, found \(alignment)"))
    }

    @Test(
        "Tensors that are misplaced",
        arguments: [
            (33, "not a multiple of the alignment 32"), (64, "reaches beyond the file"), (1 << 40, "beyond the file"),
            (UInt64.max - 31, "beyond the file"), (UInt64(Int64.max) - 31, "beyond the file"),
        ])
    func offsets(_ offset: UInt64, _ expected: String) throws {
        var writer = GGUFWriter.example
        writer.tensors[1].offset = offset
        #expect(try messageOnOpening(writer.bytes).contains(expected))
    }

    @Test(
        "Tensors of impossible shapes",
        arguments: [
            ([1, 1, 1, 1, 1], "has 5 dimensions; expected at most 4"), ([0], "has a dimension of 0"),
            ([4, 0], "has a dimension of 0"), ([UInt64.max], "has a dimension of 18446744073709551615"),
            ([1 << 62], "reaches beyond"), ([1 << 32, 1 << 32], "reaches beyond"),
            ([1 << 31, 1 << 31, 1 << 31, 1 << 31], "reaches beyond"), ([1 << 62, 4, 1 << 62], "reaches beyond"),
        ] as [([UInt64], String)])
    func shapes(_ dimensions: [UInt64], _ expected: String) throws {
        var writer = GGUFWriter.example
        writer.tensors[0].dimensions = dimensions
        #expect(try messageOnOpening(writer.bytes).contains(expected))
    }

    @Test("A storage type that is unknown, or whose blocks don't divide a row")
    func storage() throws {
        var writer = GGUFWriter.example
        writer.tensors[0].type = 5
        #expect(try messageOnOpening(writer.bytes).contains("has the unknown storage type 5; those supported are F32"))
        writer.tensors[0].type = 12
        #expect(
            try messageOnOpening(writer.bytes).contains("has rows of 4 elements; Q4_K needs a multiple of 256"))
    }
}
