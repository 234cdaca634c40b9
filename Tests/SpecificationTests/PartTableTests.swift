import Files
import Specification
import TestSupport
import Testing

@Suite("The parts there are, as tables")
struct PartTableTests {
    static func lines(_ kind: PartTable.Kind, _ folder: ConfigFolder = TemporaryExperiment.configs) -> [String] {
        PartTable(kind, in: folder, cache: CacheFolder(path: "/no/cache")).text.split(separator: "\n").map(String.init)
    }

    @Test("Every committed part has a description")
    func committed() {
        for kind in [PartTable.Kind.experiments, .models, .prompts] {
            let rows = Self.lines(kind).dropFirst()
            #expect(!rows.isEmpty)
            for row in rows {
                #expect(row.split(separator: "  ", omittingEmptySubsequences: true).count == 3, "\(row)")
            }
        }
        #expect(Self.lines(.experiments).contains { $0.hasPrefix("degradation") && $0.contains(" 120 ") })
        #expect(
            Self.lines(.models).contains {
                $0.hasPrefix("smollm2-135m ") && $0.contains("  no    SmolLM2-135M-Instruct")
            })
        #expect(Self.lines(.tasks).contains { $0.hasPrefix("STS-B ") && $0.contains(" sts       1379 ") })
    }

    @Test("A file that cannot be read says why, and hides no other")
    func broken() throws {
        let files = [
            "configs/prompts/a.yaml": "template: 'no place'\n", "configs/prompts/b.yaml": "template: '{text}'\n",
            "experiments/x.yaml": "modle: y\n",
        ]
        try TemporaryExperiment.with(files) { experiment in
            let folder = ConfigFolder(path: experiment.folder + "/configs")
            let prompts = Self.lines(.prompts, folder)
            #expect(prompts.count == 3)
            #expect(prompts[1].contains("a.yaml:1:11: expected {text} in the template"))
            #expect(prompts[2] == "b       none")
            #expect(Self.lines(.experiments, folder)[1].contains("unknown key \"modle\""))
            #expect(Self.lines(.models, folder) == ["model  here  description"])
        }
        #expect(Self.lines(.experiments, ConfigFolder(path: nil)).count == 1)
    }

    @Test("Columns are aligned by what a terminal shows of a name, not by its characters")
    func wideNames() throws {
        let files = [
            "configs/prompts/日本.yaml": "template: '{text}'\n", "configs/prompts/abcdefgh.yaml": "template: '{text}'\n",
        ]
        try TemporaryExperiment.with(files) { experiment in
            let rows = Self.lines(.prompts, ConfigFolder(path: experiment.folder + "/configs")).dropFirst()
            #expect(Set(rows) == ["abcdefgh  none", "日本      none"])
        }
    }
}
