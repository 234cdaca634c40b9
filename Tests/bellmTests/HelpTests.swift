import Foundation
import TestSupport
import Testing

struct HelpTests {
    @Test(
        "The whole help is as Tests/Golden/help has it, with an example",
        arguments: [
            "bellm", "run", "plan", "validate", "show", "embed", "tokenize", "doctor", "compare", "list", "bench",
            "report", "plot", "train", "fetch", "inspect", "export",
        ])
    func help(_ verb: String) throws {
        let arguments = verb == "bellm" ? ["--help"] : [verb, "--help"]
        let outcome = try Program.run(arguments, in: NSTemporaryDirectory())
        #expect(outcome.status == 0)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.output == (try String(contentsOfFile: Fixtures.golden("help/\(verb).txt"), encoding: .utf8)))
        #expect(outcome.output.contains("Example"))
    }

    @Test("The version is the program's name and number")
    func version() throws {
        let outcome = try Program.run(["--version"], in: NSTemporaryDirectory())
        #expect(outcome.status == 0)
        #expect(outcome.output.wholeMatch(of: /bellm \d+\.\d+\.\d+\n/) != nil)
    }
}
