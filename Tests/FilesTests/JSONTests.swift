import Diagnostics
import Files
import Testing

@Suite struct JSONTests {
    private func json(_ text: String) throws -> JSONNode { try JSONDocument(Array(text.utf8), file: "x.json").root }

    @Test("Values are read as RFC 8259 has them")
    func values() throws {
        let root = try json(
            #" {"s": "a\"\\\/\b\f\n\r\té\ud83d\ude00½", "n": [-0, 1.5e3, 12, 1E-2], "t": true, "f": false, "z": null} "#
        )
        #expect(root.keys == ["s", "n", "t", "f", "z"])
        #expect(try root.required("s").string() == "a\"\\/\u{8}\u{C}\n\r\té😀½")
        #expect(try root.required("n").elements().map { try $0.number() } == [0, 1500, 12, 0.01])
        #expect(try Array(root.required("n").elements())[1].integer() == 1500)
        #expect(try root.required("t").flag() && !root.required("f").flag())
        #expect(root["z"] == nil && root["y"] == nil)
    }

    @Test("Keys that are only canonically equal are two keys")
    func canonicalEquivalence() throws {
        let root = try json("{\"\u{E9}\": 1, \"e\u{301}\": 2}")
        #expect(root.members.count == 2)
        #expect(try root.required("e\u{301}").integer() == 2)
    }

    @Test(
        "What is no JSON is an error with its line and column",
        arguments: [
            "", "{", "[1,]", "{\"a\" 1}", "{'a': 1}", "[1] 2", "01", "1.", "-", "+1", "nul", "\"a", "\"\\x\"",
            "\"\u{1}\"",
            "\"\\ud800\"", "\"\\udc00\"", "[1 2]", "NaN", "{\"a\":}", "{,}", "tru", "1e", "\"\\u12g4\"",
        ])
    func invalid(text: String) throws {
        let error = try #require(throws: Diagnostic.self) { try json(text) }
        #expect(error.location?.line == 1 && error.message.hasSuffix("expected in JSON"), "\(error)")
    }

    @Test("Nesting is limited, so that no text overflows the stack")
    func nesting() throws {
        #expect(throws: Never.self) {
            try json(String(repeating: "[", count: 128) + String(repeating: "]", count: 128))
        }
        #expect(throws: Diagnostic.self) { try json(String(repeating: "[", count: 100_000)) }
    }

    @Test("An error says line, path, what was expected and what was found")
    func errors() throws {
        let root = try json("{\n \"model\": {\"vocab\": [1, {\"id\": \"three\"}]}}")
        let id = try Array(root.required("model").required("vocab").elements())[1].required("id")
        let error = try #require(throws: Diagnostic.self) { try id.integer() }
        #expect(error.description == "x.json:2:32: model.vocab[1].id: expected a whole number, found \"three\"")
        let missing = try #require(throws: Diagnostic.self) { try root.required("modle") }
        #expect(missing.description == "x.json:1:1: expected the key \"modle\"; the nearest is \"model\"")
    }
}

@Suite struct JSONKeyTests {
    private func document(_ text: String) throws -> JSONDocument {
        try JSONDocument(Array(text.utf8), file: "x.json", notesReading: true)
    }

    @Test(
        "A key that stands twice in one object is an error with both lines, however it is written and however deep",
        arguments: [
            "{\"a\": 1,\n\"a\": 2}", "{\"b\": [{\"a\": 1,\n\"a\": 1}]}", "{\"\\u0061\": 1,\n\"a\": null}",
            "{\"a\": {\"a\": {}},\n\"a\": 0}",
        ])
    func repeated(text: String) throws {
        let error = try #require(throws: Diagnostic.self) { try document(text) }
        #expect(
            error.message == "the key \"a\" stands twice in one object, first in line 1" && error.location?.line == 2)
    }

    @Test("A hundred thousand keys are no repetition, and the last one's is found")
    func manyKeys() throws {
        let keys = (0..<100_000).map { "\"k\($0)\": 0" }.joined(separator: ",")
        #expect(throws: Never.self) { try document("{\(keys)}") }
        let error = try #require(throws: Diagnostic.self) { try document("{\(keys),\"k70000\": 1}") }
        #expect(error.message.hasPrefix("the key \"k70000\" stands twice"))
    }

    @Test("What nobody asked for is refused with its place and the nearest name, unless it is known to change nothing")
    func unread() throws {
        let text = "{\"size\": 1, \"note\": \"x\",\n \"rope\": {\"base\": 2, \"bsae\": 3}}"
        let document = try document(text)
        _ = document.root["size"]
        _ = document.root["rope"]?["base"]
        let error = try #require(throws: Diagnostic.self) {
            try document.refuseUnread(["note": "a remark"])
        }
        #expect(error.message.hasPrefix("unknown key \"rope.bsae\" in the file"), "\(error)")
        #expect(error.location?.line == 2 && error.suggestion?.hasPrefix("the nearest known key is \"base\"") == true)
        #expect(throws: Never.self) { try document.refuseUnread(["note": "a remark"], ignoring: ["rope.bsae"]) }
        #expect(throws: Diagnostic.self) { try document.refuseUnread([:], ignoring: ["rope.bsae"]) }
    }

    @Test("Null is a member that was asked for; a subscript takes it for a missing one")
    func null() throws {
        let document = try document("{\"cap\": null}")
        #expect(document.root.member("cap")?.isNull == true && document.root.member("other") == nil)
        #expect(document.root["cap"] == nil)
        #expect(throws: Never.self) { try document.refuseUnread([:]) }
    }

    @Test("An object over defaults has its own members, null ones among them, and the defaults' where it has none")
    func defaults() throws {
        let own = try document("{\"cap\": null, \"size\": 2}").root
        let node = try own.over(document("{\"cap\": 50, \"size\": 1, \"window\": 4}").root)
        #expect(node.member("cap")?.isNull == true)
        #expect(try node.required("size").integer() == 2 && node.required("window").integer() == 4)
        #expect(node.member("other") == nil && node.keys == ["cap", "size"])
    }
}
