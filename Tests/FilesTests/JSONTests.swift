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
        #expect(throws: Never.self) { try root.checkKeysAreUnique() }
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
