import Diagnostics
import Files
import Models
import Testing

@Suite struct FamilyConfigTests {
    private func config(_ file: String, over defaults: String) throws -> FamilyConfig {
        try FamilyConfig(JSONDocument(Array(file.utf8), file: "config.json").root, over: defaults, of: "tiny")
    }

    @Test("A key that neither the file nor the family's defaults have is an error that names it")
    func missing() throws {
        let config = try config(#"{"hidden_size": 8}"#, over: #"{"head_dim": null}"#)
        #expect(try config.size("hidden_size") == 8 && config.size("head_dim", null: 4) == 4)
        #expect(try config.unlessNull("head_dim") == nil)
        for read in [
            { try config.size("vocab_size", null: 7) }, { try config.unlessNull("vocab_size").map { _ in 7 } ?? 7 },
            { try config.orDefault("vocab_size").integer() },
        ] {
            let error = #expect(throws: Diagnostic.self) { try read() }
            #expect(error?.message == "expected the key \"vocab_size\"")
            #expect(error?.location == SourceLocation(file: "config.json", line: 1, column: 1))
        }
    }

    @Test("Null is the file's own value, but where it says no more than a missing key")
    func null() throws {
        let config = try config(#"{"window": null, "rope_theta": null}"#, over: #"{"window": 4, "rope_theta": 500.0}"#)
        #expect(try config.unlessNull("window") == nil)
        #expect(try config.orDefault("rope_theta").number() == 500)
        #expect(throws: Diagnostic.self) { try config.size("window") }
    }

    @Test("Defaults that are no JSON are an error that names the family")
    func damaged() {
        let error = #expect(throws: Diagnostic.self) { try config("{}", over: #"{"window": }"#) }
        #expect(error?.location?.file == "the defaults of tiny")
    }
}
