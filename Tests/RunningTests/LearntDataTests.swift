import Diagnostics
import Files
import Running
import Testing
import Training

@Suite("What a training learns from")
struct LearntDataTests {
    private static let keys = """
        train: { data: lines.jsonl, steps: 2, batch_size: 2, rank: 2, alpha: 4, targets: [q_proj], decontaminate: false }
        """

    private func lines(_ count: Int, _ words: (Int) -> (String, String)) -> String {
        (0..<count).map { number in
            let (first, second) = words(number)
            return "{\"anchor\": \"\(first)\", \"positive\": \"\(second)\"}\n"
        }.joined()
    }

    @Test("The content of the data is known, whatever the file is called and whichever part a seed draws")
    func content() throws {
        try TinyExperiment.with("") { experiment in
            func digest(_ text: String, _ more: String = "") throws -> String {
                try AtomicFile.replace(experiment.folder + "/lines.jsonl", with: text)
                try experiment.rewrite(Self.keys + "\n" + more)
                return try #require(try experiment.plan().trainings.first).learntFrom.description
            }
            let (one, other) = (lines(6) { ("a \($0)", "b \($0)") }, lines(6) { ("a \($0)", "c \($0)") })
            let first = try digest(one)
            #expect(try digest(other) != first && digest(one) == first)
            #expect(try digest(one, "seed: 7") == first)
            let drawn = Self.keys.replacing("steps: 2", with: "steps: 2, examples: 4")
            try experiment.rewrite(drawn + "\nmatrix: { seed: [1, 2] }")
            let plans = try experiment.plan().trainings
            #expect(plans.count == 2 && plans[0].identity != plans[1].identity)
            #expect(Set(plans.map(\.learntFrom.description)) == [first])
        }
    }

    @Test("Epochs without a sentence twice in a batch are as many steps for every seed")
    func epochs() throws {
        try TinyExperiment.with("") { experiment in
            let repeated = lines(24) { ("a \($0)", $0 % 3 == 0 ? "same" : "b \($0)") }
            try AtomicFile.replace(experiment.folder + "/lines.jsonl", with: repeated)
            let keys = Self.keys.replacing(
                "steps: 2, batch_size: 2", with: "epochs: 2, batch_size: 6, no_duplicates: true")
            try experiment.rewrite(keys + "\nmatrix: { seed: [1, 2, 3, 4, 5, 6, 7, 8] }")
            #expect(Set(try experiment.plan().trainings.map(\.spec.recipe.steps)) == [8])
        }
    }

    @Test("Sentences that the method can't tell apart are kept apart in batches too")
    func alike() throws {
        try TinyExperiment.with("") { experiment in
            let anchors = ["A dog walks.", "A  dog walks.", " A dog walks. ", "A cat sits."]
            try AtomicFile.replace(
                experiment.folder + "/lines.jsonl", with: lines(4) { (anchors[$0], "b \($0)") })
            func batches(_ normaliser: String, size: Int) throws -> TrainingPlan {
                let keys = Self.keys.replacing("batch_size: 2", with: "batch_size: \(size), no_duplicates: true")
                try experiment.rewrite(keys + "\nnormaliser: \(normaliser)")
                return try #require(try experiment.plan().trainings.first)
            }
            // Two steps of two: the second has none but those that are alike.
            let found = try batches("none", size: 2)
            #expect(found.separation.putOff > 0 && found.separation.leftOut > 0)
            #expect(try batches("verbatim", size: 2).separation == ExampleBatches.Separation())
            let error = try #require(throws: Diagnostic.self) { _ = try batches("none", size: 3) }
            #expect(error.message.contains("no 3 examples for a batch share no sentence"))
        }
    }

    @Test(
        "An adapter that is chosen by other embeddings than the run scores is warned of, for the runs that do more to them"
    )
    func chosenBefore() throws {
        try TinyExperiment.with("") { experiment in
            try AtomicFile.replace(experiment.folder + "/lines.jsonl", with: lines(4) { ("a \($0)", "b \($0)") })
            let developed = Self.keys.replacing("steps: 2", with: "steps: 2, development: mine, evaluate_every: 1")
            let runs = "\nvariants: { whole: {}, eight: { dimensions: 8 }, centred: { postprocess: centre mine } }"
            func warned(_ keys: String) throws -> [String] {
                try experiment.rewrite(keys + runs)
                return try experiment.plan().warnings().filter { $0.text.contains("before what the run does") }
                    .map(\.run)
            }
            #expect(try warned(developed).sorted() == ["centred", "eight"])
            #expect(try warned(Self.keys).isEmpty)
        }
    }

    @Test("A file of queries needs a template of theirs and of documents', and no other")
    func roles() throws {
        try TinyExperiment.with("") { experiment in
            let queries = lines(6) { ("a \($0)", "b \($0)") }.replacing("anchor", with: "query")
            try AtomicFile.replace(experiment.folder + "/lines.jsonl", with: queries)
            func complaint(_ template: String) -> String {
                do {
                    try experiment.rewrite(Self.keys + "\ntemplate: \(template)")
                    return try experiment.plan().trainings.isEmpty ? "no training" : ""
                } catch { return "\(error)" }
            }
            #expect(complaint("{ query: \"Q: {text}\", default: \"{text}\" }").isEmpty)
            #expect(
                complaint("{ sentence: \"{text}\", query: \"Q: {text}\" }").contains(
                    "no template for the role document"))
            try experiment.rewrite(Self.keys)
            let before = try experiment.plan().trainings[0].identity
            try AtomicFile.replace(
                experiment.folder + "/lines.jsonl", with: queries.replacing("query", with: "anchor"))
            #expect(try experiment.plan().trainings[0].identity != before)
        }
    }
}
