import Foundation
import Testing

@Suite("Training from the command line")
struct TrainTests {
    @Test("An adapter that several runs have is copied once, into a folder of the first one's name")
    func copies() throws {
        let files = [
            "x.yaml": """
            model: ./tiny.gguf
            pooling: mean
            tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]
            train: {data: lines.jsonl, steps: 2, batch_size: 2, rank: 1, targets: [q_proj], decontaminate: false}
            variants: {a: {layers: all}, b: {dimensions: [8, 4]}, c: {seed: 2}}
            """,
            "pairs.csv": "s,a,b\n5,A girl.,A woman.\n1,Up.,A dog.\n3,One.,Two.\n",
            "lines.jsonl": "[\"It rains.\", \"Rain.\"]\n[\"Up.\", \"On.\"]\n",
        ]
        try Program.run(["train", "x.yaml", "--output", "out"], files: files) { outcome, folder in
            #expect(outcome.status == 0, "\(outcome.errors)")
            let found = try FileManager.default.contentsOfDirectory(atPath: folder + "/out").sorted()
            #expect(found == ["a", "c"])
            let lines = [
                "a layer 0: out/a", "a layer 1: out/a", "a layer 2: out/a", "b dimensions 8: out/a",
                "b dimensions 4: out/a", "c: out/c",
            ]
            #expect(outcome.output == lines.map { $0 + "\n" }.joined())

            let train = ["train", "x.yaml", "--output", "out"]
            let again = try Program.run(train, in: folder)
            #expect(again.status == 0, "\(again.errors)")
            // Another training of the same shape: nothing is computed, and what is there stays.
            let weights = URL(fileURLWithPath: folder + "/out/a/adapter_model.safetensors")
            let before = try Data(contentsOf: weights)
            let other = train + ["--set", "train.steps=3"]
            let refused = try Program.run(other, in: folder)
            #expect(refused.status == 1 && !refused.errors.contains("step"), "\(refused.errors)")
            #expect(
                refused.errors.contains(
                    "out/a: is not replaced: it has another adapter than the run \"a\"; name another folder, or say --overwrite"
                ))
            #expect(try Data(contentsOf: weights) == before)
            let forced = try Program.run(other + ["--overwrite"], in: folder)
            #expect(try forced.status == 0 && Data(contentsOf: weights) != before, "\(forced.errors)")
        }
    }
}
