import Diagnostics
import Foundation
import TestSupport
import Testing
import Weights

@Suite struct SafetensorsTests {
    private func file(_ header: String, data: [UInt8] = []) throws -> SafetensorsFile {
        let bytes = littleEndian([UInt64(header.utf8.count)]) + Array(header.utf8) + data
        return try SafetensorsFile(MappedFile(bytes, as: "model.safetensors"))
    }

    private func message(_ header: String, data: [UInt8] = []) throws -> String {
        try #require(throws: Diagnostic.self) { try file(header, data: data) }.description
    }

    @Test("What is written is read back, rounded to its type, whatever the order it was added in")
    func roundTrip() throws {
        try Fixtures.withTemporaryFolder { folder in
            let values: [Float] = [0, -1.5, 1 / 3, 65504, Float(bitPattern: 71362), 2]
            let tensors: [SafetensorsWriter.Tensor] = [
                .init("b", shape: [2, 3], values: values), .init("a", shape: [6], values: values, as: .f16),
                .init("é", shape: [3, 2], values: values, as: .bf16), .init("scalar", shape: [], values: [7]),
            ]
            var writer = SafetensorsWriter(metadata: ["format": "pt", "a \"quoted\"\nkey": "½"])
            tensors.forEach { writer.add($0) }
            try writer.write(to: folder + "/1.safetensors")
            var reversed = SafetensorsWriter(metadata: writer.metadata)
            tensors.reversed().forEach { reversed.add($0) }
            try reversed.write(to: folder + "/2.safetensors")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/1.safetensors"))
            #expect(try bytes == Data(contentsOf: URL(fileURLWithPath: folder + "/2.safetensors")))

            let file = try SafetensorsFile(folder + "/1.safetensors")
            #expect(file.names == ["b", "scalar", "a", "é"])
            #expect(file.metadata.map(\.key) == ["a \"quoted\"\nkey", "format"])
            #expect(try file.tensor(named: "b").decoded() == values)
            #expect(try file.tensor(named: "a").decoded() == values.map { Float(Float16($0)) })
            #expect(try file.tensor(named: "é").decoded() == [0, -1.5, 0.333984375, 65536, 9.18355e-41, 2])
            #expect(try file.tensor(named: "é").shape == [3, 2])
            #expect(try file.tensor(named: "scalar").shape == [])

            var copy = SafetensorsWriter(metadata: writer.metadata)
            file.tensors.forEach { copy.add(.init(copying: $0)) }
            try copy.write(to: folder + "/3.safetensors")
            #expect(try bytes == Data(contentsOf: URL(fileURLWithPath: folder + "/3.safetensors")))
        }
    }

    @Test("A tensor that can't be written leaves the old file")
    func refusedWriting() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/x.safetensors"
            try Data("old".utf8).write(to: URL(fileURLWithPath: path))
            for tensors in [
                [SafetensorsWriter.Tensor("w", shape: [2, 2], values: [1, 2, 3])],
                [.init("w", shape: [1], values: [1]), .init("w", shape: [1], values: [2])],
                [.init("w", shape: [0], values: [])], [.init("w", shape: [1], values: [1], as: .i8)],
                [.init("__metadata__", shape: [1], values: [1])], [.init("w", shape: [2], as: .f32) { [1] }],
                [.init("w", shape: [2], values: [1, 65_520], as: .f16)],
            ] {
                var writer = SafetensorsWriter()
                tensors.forEach { writer.add($0) }
                #expect(throws: Diagnostic.self) { try writer.write(to: path) }
            }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
        }
    }

    @Test(
        "A header that lies is one clear error",
        arguments: [
            (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "inside the 4 bytes of data"),
            (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, "reaches beyond"),
            (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, "begin and an end"),
            (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, "begin and an end"),
            (#"{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,4]}}"#, "takes 2 bytes, found 4"),
            (#"{"a":{"dtype":"F16","shape":[1],"data_offsets":[2,4]}}"#, "leaves a hole before it"),
            (#"{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}"#, "2 bytes behind the last tensor"),
            (
                #"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"F16","shape":[1],"data_offsets":[2,4]}}"#,
                "\"b\" overlaps"
            ),
            (#"{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}"#, "a.dtype: unknown dtype; expected one of"),
            (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, "a.shape[0]: expected a whole number"),
            (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#, "reaches beyond"),
            (#"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#, "dimension below 1"),
            (#"{"a":{"dtype":"F32","shape":[1]}}"#, "a: expected the key \"data_offsets\""),
            (#"{"a":3}"#, "a: expected an object"),
            (
                #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{}}"#,
                "the key \"a\" stands twice in one object, first in line 1"
            ),
            (#"{"__metadata__":{"n":1}}"#, "__metadata__.n: expected a string"), ("[1]", "header begins with \"{\""),
            (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#, "\",\" or \"}\" expected in JSON"),
            ("", "begins"),
            ("{" + String(repeating: "\"a\":{", count: 1000), "levels of nesting"),
        ])
    func hostileHeader(header: String, expected: String) throws {
        let message = try message(header, data: [0, 0, 0, 0])
        #expect(message.contains(expected), "\(message)")
        #expect(message.hasPrefix("model.safetensors"))
    }

    @Test("A file cut short anywhere is an error", arguments: [0, 1, 7, 8, 20, 60, 71])
    func cut(length: Int) throws {
        try Fixtures.withTemporaryFolder { folder in
            var writer = SafetensorsWriter()
            writer.add(.init("a", shape: [2], values: [1, 2]))
            try writer.write(to: folder + "/a.safetensors")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/a.safetensors")).prefix(length)
            try bytes.write(to: URL(fileURLWithPath: folder + "/a.safetensors"))
            #expect(throws: Diagnostic.self) { try SafetensorsFile(folder + "/a.safetensors") }
        }
    }

    @Test("Shards are one checkpoint; where index and shards disagree, the tensors are named")
    func shards() throws {
        try Fixtures.withTemporaryFolder { folder in
            for (shard, names) in [("one", ["a", "b"]), ("two", ["c"])] {
                var writer = SafetensorsWriter()
                for name in names { writer.add(.init(name, shape: [1], values: [Float(name.utf8.first ?? 0)])) }
                try writer.write(to: "\(folder)/\(shard).safetensors")
            }
            func open(_ map: String) throws -> ShardedSafetensors {
                let path = folder + "/model.safetensors.index.json"
                try Data("{\"weight_map\":{\(map)}}".utf8).write(to: URL(fileURLWithPath: path))
                return try ShardedSafetensors(index: path)
            }
            func message(_ map: String) throws -> String {
                try #require(throws: Diagnostic.self) { try open(map) }.description
            }
            let (a, b, c) = (#""a":"one.safetensors""#, #""b":"one.safetensors""#, #""c":"two.safetensors""#)
            let whole = try open([c, a, b].joined(separator: ","))
            #expect(whole.names == ["a", "b", "c"])
            #expect(try whole.tensor(named: "c").decoded() == [99])
            #expect(try message([a, c].joined(separator: ",")).contains("not listed for it: b"))
            #expect(
                try message([a, b, c, #""d":"two.safetensors""#].joined(separator: ","))
                    .contains("not in the file it names: d"))
            #expect(try message([a, #""b":"three.safetensors""#].joined(separator: ",")).contains("no such file"))
            #expect(try message(#""a":"../one.safetensors""#).contains("a file beside the index"))
        }
    }

    @Test("Missing, misshapen and left-over tensors are all named in one message, with the nearest name")
    func expectations() throws {
        var expectations = TensorExpectations(of: "tiny")
        expectations.require("layers.0.weight", [1])
        expectations.require("norm", [2])
        expectations.require("head", [2])
        expectations.ignore("unused")
        let file = try file(
            #"{"layer.0.weight":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
                + #""norm":{"dtype":"U8","shape":[3],"data_offsets":[1,4]},"#
                + #""unused":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}"#, data: [0, 0, 0, 0, 0])
        let error = try #require(throws: Diagnostic.self) { try expectations.check(file) }
        #expect(
            error.message
                == "expected the tensors of a tiny model; found tensors 2 missing: layers.0.weight (the nearest is "
                + "layer.0.weight), head; 1 of another shape: norm has [3], expected [2]; "
                + "1 that a tiny model doesn't have: layer.0.weight")
    }
}
