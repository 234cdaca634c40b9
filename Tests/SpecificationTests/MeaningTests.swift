import Embedding
import Files
import Specification
import TestSupport
import Testing

@Suite("Combinations that mean the same in the model are refused")
struct MeaningTests {
    private func complaint(_ matrix: String) throws -> String { try found(matrix).complaint }

    /// What is refused, and what warned of.
    private func found(_ matrix: String) throws -> (complaint: String, warnings: [String: String]) {
        let yaml = "model: ./tiny.gguf\npooling: mean\ntasks: [STS-B]\n\(matrix)\n"
        return try TemporaryExperiment.with(["x.yaml": yaml]) { experiment in
            try TinyLlama.writeProgramFile(to: experiment.folder + "/tiny.gguf")
            let spec = try experiment.load()
            do {
                return ("", try spec.runs.checkMeanings { try PretrainedModel(path: $0.model.existingFile()) })
            } catch {
                return ("\(error)".replacing(experiment.folder + "/", with: ""), [:])
            }
        }
    }

    @Test("by their resolved attention plans, with file and line")
    func plans() throws {
        let problems = try complaint("matrix:\n  bidirectional: [last 0..2, [1], all, native]")
        #expect(
            problems == """
                x.yaml:5:30: the runs "bidirectional=last 1" and "bidirectional=[1]" mean the same in a model of 2 layers
                x.yaml:5:35: the runs "bidirectional=last 2" and "bidirectional=all" mean the same in a model of 2 layers
                x.yaml:5:40: the runs "bidirectional=last 0" and "bidirectional=native" mean the same in a model of 2 layers
                """)
    }

    @Test("by their hidden layers")
    func layers() throws {
        #expect(
            try complaint("matrix: { layer: [2, -1] }")
                == "x.yaml:4:22: the runs \"layer=2\" and \"layer=-1\" mean the same in a model of 2 layers")
    }

    @Test("by the layers and dimensions that they have rows of, in any order")
    func rows() throws {
        for (matrix, place) in [
            ("layers: [all, [0..2]]", "4:25"), ("layers: [[1, 2], [-1, 1]]", "4:28"),
            ("dimensions: [[2, 4], [4, 2]]", "4:32"),
        ] {
            let found = try complaint("matrix: { \(matrix) }")
            #expect(found.hasPrefix("x.yaml:\(place)") && found.hasSuffix("in a model of 2 layers"), "\(found)")
        }
        #expect(try complaint("matrix: { layers: [[1, 2], [0, 1]], dimensions: [[2, 4], [2]] }").isEmpty)
    }

    @Test("by what they train, whatever the words: maps, layers, an objective alone in a sum")
    func trainings() throws {
        func complaint(_ matrix: String, _ keys: String = "") throws -> String {
            try self.complaint("train: { data: wordnet, steps: 1, warmup: 0\(keys) }\nmatrix: { \(matrix) }")
        }
        let maps = "[q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj]"
        for matrix in [
            "train.targets: [all, \(maps)]", "train.targets: [\(maps), all]", "train.layers: [all, [0, 1]]",
            "train.targets: [[q_proj], [self_attn.q_proj]]",
            "train.objective: [in_batch_negatives, { sum: { terms: [{ of: in_batch_negatives }] } }]",
            "train: [{ steps: 2, layers: [1, 0] }, { steps: 2 }]", "train.checkpoint_every: [2, 20]",
            "train: [{ steps: 4, warmup: 2 }, { steps: 4, warmup: 0.5 }]",
            "train: [[{ steps: 2 }, { steps: 3 }], [{ steps: 2, targets: \(maps) }, { steps: 3 }]]",
        ] {
            let found = try complaint(matrix)
            #expect(found.hasPrefix("x.yaml:5:") && found.hasSuffix("mean the same in a model of 2 layers"), "\(found)")
        }
        for matrix in [
            "train.targets: [all, [q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj]]", "train.layers: [all, [0]]",
            "train.rank: [16, 8]", "train.targets: [all, full]", "seed: [1, 2]", "train.examples: [all, 100]",
            "train.objective: [in_batch_negatives, { sum: { terms: [{ of: in_batch_negatives, weight: 2 }] } }]",
        ] { #expect(try complaint(matrix).isEmpty, "\(matrix)") }
    }

    @Test("Variants, which have names of their own, are warned of instead")
    func variants() throws {
        let warnings = try found(
            "variants: { a: { bidirectional: all }, b: {}, c: { bidirectional: last 2, label: C }, d: { layer: 2 } }"
        ).warnings
        #expect(
            warnings == [
                "c": "means the same as \"a\" in a model of 2 layers, so its scores are the same",
                "d": "means the same as \"b\" in a model of 2 layers, so its scores are the same",
            ])
        let varied = try found("variants: { a: {}, b: {} }\nmatrix: { pooling: [mean, max] }")
        #expect(varied.complaint.isEmpty && Set(varied.warnings.keys) == ["b · pooling=mean", "b · pooling=max"])
        let trained = "train: { data: wordnet, steps: 1, warmup: 0 }\n"
        #expect(
            try found(trained + "variants: { a: {}, b: { seed: 2 }, c: { seed: 1 } }").warnings.keys.sorted() == ["c"])
        #expect(try found("seeds: 2\n" + trained).warnings.isEmpty)
    }

    @Test("but a plan above the hidden layer, a variant and another prompt are something else")
    func others() throws {
        #expect(try complaint("matrix: { layer: [0, 1], bidirectional: [none, last 1] }").isEmpty)
        #expect(try complaint("variants: { a: {}, b: {} }\nmatrix: { pooling: [mean] }").isEmpty)
        #expect(try complaint("variants: { a: { bidirectional: all }, b: { bidirectional: last 2 } }").isEmpty)
        #expect(try complaint("matrix: { template: ['{text}', 'x {text}'] }").isEmpty)
    }
}

@Suite("What a training can't change in a model is refused before any work")
struct TrainedModulesTests {
    @Test(
        "at the line of its key, with the names that there are",
        arguments: [
            (
                "targets: full\n  modules_to_save: [q_proj]",
                "5:3: modules_to_save says nothing beside targets: full, which trains the whole model"
            ),
            ("targets: full\n  layers: [0]", "5:3: layers says nothing beside targets: full"),
            ("rank: 8\n  targets: full", "4:3: rank says nothing beside targets: full"),
            ("targets: full\n  alpha: 8", "5:3: alpha says nothing beside targets: full"),
            ("dropout: 0.1\n  targets: full", "4:3: dropout says nothing beside targets: full"),
            (
                "targets: none\n  modules_to_save: [norm]\n  layers: [1]",
                "6:3: layers says nothing beside targets: none, which has no low-rank factors"
            ),
            (
                "targets: [q_proj, layers.1.mlp.up_proj]\n  layers: [0]",
                "5:11: the target layers.1.mlp.up_proj is in none of the layers to adapt, [0]"
            ),
            (
                "targets: [q_prj]",
                "4:12: unknown linear map \"q_prj\"; expected one of: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj"
            ),
            (
                "targets: [q_proj]\n  modules_to_save: [q_proj]",
                "5:20: model.layers.0.self_attn.q_proj would be trained both"
            ),
            ("modules_to_save: [down_proj]", "4:20: model.layers.0.mlp.down_proj would be trained both"),
            (
                "targets: none\n  modules_to_save: [nrm]",
                "5:20: unknown module \"nrm\"; expected one of: input_layernorm, post_attention_layernorm, q_proj"
            ),
            (
                "norm_exits: true",
                "4:15: norm_exits changes nothing: the training reads the last layer alone, behind its norm; leave"
            ),
            ("layers: [2]", "4:11: cannot adapt layer 2: the model has 2 layers, 0…1"),
        ])
    func refused(keys: String, message: String) throws {
        let yaml = "model: ./tiny.gguf\npooling: mean\ntrain:\n  \(keys)\n"
        try TemporaryExperiment.with(["x.yaml": yaml]) { experiment in
            try TinyLlama.writeProgramFile(to: experiment.folder + "/tiny.gguf")
            let error = #expect(throws: (any Error).self) {
                let run = try experiment.load().runs[0]
                try run.check(PretrainedModel(path: run.model.existingFile()), roles: [.sentence])
            }
            let text = error.map { "\($0)".replacing(experiment.folder + "/", with: "") } ?? ""
            #expect(text.hasPrefix("x.yaml:" + message), "\(text)")
        }
    }
}

@Suite("A text without a template is refused before any work")
struct RoleCheckTests {
    @Test("at the line of the templates, by its role")
    func roles() throws {
        let yaml = """
            model: ./tiny.gguf
            pooling: mean
            template: { query: "Q: {text}", document: "{text}" }
            """
        try TemporaryExperiment.with(["x.yaml": yaml]) { experiment in
            try TinyLlama.writeProgramFile(to: experiment.folder + "/tiny.gguf")
            let spec = try experiment.load()
            let run = spec.runs[0]
            #expect(try spec.roles(of: run) == [.sentence])
            let model = try PretrainedModel(path: run.model.existingFile())
            let error = #expect(throws: ConfigProblems.self) { try run.check(model, roles: spec.roles(of: run)) }
            #expect(
                error?.description.replacing(experiment.folder + "/", with: "") == """
                    x.yaml:3:11: no template for the role sentence; expected one beside those for query, document; \
                    default names the template of all other roles
                    """)
            try run.check(model, roles: [.query, .document])
        }
    }
}
