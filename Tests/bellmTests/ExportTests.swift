import Foundation
import HDF5
import TestSupport
import Testing

@Suite("`bellm export`: a run as a folder of sentence-transformers")
struct ExportTests {
    private static let yaml = """
        name: x
        model: ./tiny.gguf
        tasks: [STS-B]
        pooling: mean
        variants:
          mean: {}
          prompt: { template: "So\\n {text}", pooling: weighted_mean }
          behind: { template: "So {text} means:", pooling: last }
          eol: { template: 'This sentence : "{text}" means in one word:"', normaliser: prompteol, pooling: last }
          quotes: { template: 'A "{text}" is', normaliser: prompteol-quotes, pooling: max }
          verbatim: { normaliser: verbatim, pooling: first }
          both: { bidirectional: all }
          without effect: { bidirectional: last 1, pooling: last }
          cut: { dimensions: 5 }
          some: { bidirectional: last 1 }
          layer: { layer: -2 }
          echo: { template: "Say {text}: {text:pool}" }
          half: { template: "Say {text:half}" }
          pooled: { template: "Say {text:pool}" }
          several: { template: ["a {text}", "b {text}"] }
          prepended: { template: "{prepend} {text}", prepend_layers: 1..<2 }
          padded: { padding: visible }
          released: { normaliser: bellm-released }
          centred: { postprocess: centre STS-B }

        """
    private static let lines = [
        "A girl sings.", "Is it?", "  two  spaces ", "He said \"no\"", "tab\there", "½ and 12", "日本語の文です。", "One", "",
        String(repeating: "A long text. ", count: 3),
    ]

    private func withModel(layers: Int = TinyLlama.programLayers, _ body: (String) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            try Data(TinyLlama.exportFile(layers: layers).bytes).write(to: URL(fileURLWithPath: folder + "/tiny.gguf"))
            try Data(Self.yaml.utf8).write(to: URL(fileURLWithPath: folder + "/x.yaml"))
            try Data(Self.lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: folder + "/lines.txt"))
            try body(folder)
        }
    }

    private func embed(_ options: [String], in folder: String) throws -> HDF5.Matrix {
        let outcome = try Program.run(
            ["embed", "--input", "lines.txt", "--output", "rows.h5", "--no-cache"] + options, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try HDF5.readMatrix(in: folder + "/rows.h5")
    }

    @Test(
        "The folder gives the run's vectors by a bit",
        arguments: ["mean", "prompt", "behind", "eol", "quotes", "verbatim", "both", "without effect", "cut"])
    func vectors(_ run: String) throws {
        try withModel { folder in
            let outcome = try Program.run(["export", "x.yaml:\(run)", "--output", "out"], in: folder)
            try #require(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.isEmpty && outcome.errors.hasSuffix("written: out\n"), "\(outcome.errors)")
            let (own, read) = (
                try embed(["--method", "x.yaml:\(run)"], in: folder), try embed(["--model", "./out"], in: folder)
            )
            #expect(own.rows == Self.lines.count && own.columns == read.columns)
            #expect(own.values == read.values)
        }
    }

    @Test(
        "What the library can't express is refused with what would be lost, and nothing is written",
        arguments: [
            ("some", "the attention plan \"last 1\": transformers' is_causal is of all layers"),
            ("layer", "hidden layer -2"), ("echo", "the sentence's repetition, as in an echo, would be lost"),
            ("half", "the half of the sentence would be lost"), ("pooled", "which tokens are pooled would be lost"),
            ("several", "the average over 2 prompts"), ("prepended", "Token Prepending"),
            ("padded", "padding: visible"),
            ("released", "the normaliser bellm-released"),
            ("centred", "postprocess: what \"centre STS-B\" does would be lost"),
        ])
    func refusals(_ run: String, _ reason: String) throws {
        try withModel { folder in
            let before = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            let outcome = try Program.run(["export", "x.yaml:\(run)", "--output", "out"], in: folder)
            #expect(outcome.status != 0)
            #expect(outcome.errors.contains(reason), "\(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == before)
        }
    }

    @Test("Words that grow together with a sentence's end are said, for a text that is cut loses them")
    func grownTogether() throws {
        try withModel { folder in
            let outcome = try Program.run(["export", "x.yaml:eol", "--output", "out"], in: folder)
            let wanted = "of a text of more than 128 tokens sentence-transformers cuts off the words \"\\\"\" behind it"
            #expect(outcome.errors.contains(wanted), "\(outcome.errors)")
            let plain = try Program.run(["export", "x.yaml:behind", "--output", "other"], in: folder)
            #expect(!plain.errors.contains("cuts off"), "\(plain.errors)")
        }
    }

    @Test("A trained adapter is merged into the weights, and its head follows the pooling")
    func training() throws {
        let yaml = """
            name: x
            model: ./tiny.gguf
            pooling: mean
            tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]
            train: {data: lines.jsonl, steps: 2, batch_size: 2, learning_rate: 1e-2, decontaminate: false}
            variants:
              base: { train: none }
              low: { train: { rank: 2 } }
              whole: { train: { targets: full } }
              head: { train: { rank: 1, targets: [q_proj], head: { kind: linear, dimensions: 6, activation: tanh } } }

            """
        try withModel { folder in
            let files = [
                "x.yaml": yaml, "pairs.csv": "s,a,b\n5,A girl.,A woman.\n1,Up.,A dog.\n3,One.,Two.\n",
                "lines.jsonl": "[\"It rains.\", \"Rain.\"]\n[\"Up.\", \"On.\"]\n",
            ]
            for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
            // In a cache of its own, which no earlier run of the tests has put the adapter into.
            let missing = try Program.run(
                ["export", "x.yaml:low", "--output", "early"], in: folder,
                environment: ["BELLM_CACHE": folder + "/cache"])
            #expect(missing.errors.contains("the adapter of the run \"low\" is not trained yet"), "\(missing.errors)")
            let run = try Program.run(["run", "x.yaml", "--output", "r.h5"], in: folder)
            try #require(run.status == 0, "\(run.errors)")
            for name in ["low", "whole", "head"] {
                let outcome = try Program.run(["export", "r.h5:\(name)", "--output", name], in: folder)
                try #require(outcome.status == 0, "\(outcome.errors)")
                let own = try embed(["--method", "x.yaml:\(name)"], in: folder)
                #expect(try embed(["--model", "./\(name)"], in: folder).values == own.values)
                #expect(own.columns == (name == "head" ? 6 : TinyLlama.hiddenSize))
            }
            let card = try String(contentsOfFile: folder + "/low/README.md", encoding: .utf8)
            let wanted = [
                "---\nlibrary_name: sentence-transformers\n", "base_model: \"tiny\"", "| mine | spearman |", " to ",
                "lines.jsonl",
                "not known here", "```yaml\nname: x\n", "rank: 2", "model-index:",
                "- the weights are those of a GGUF file",
            ]
            for words in wanted { #expect(card.contains(words), "\(words): \(card)") }

            // Of another model the result says nothing.
            let base = try Program.run(["export", "r.h5:base", "--output", "base"], in: folder)
            #expect(base.status == 0, "\(base.errors)")
            try Data(TinyLlama.programFile.bytes).write(to: URL(fileURLWithPath: folder + "/tiny.gguf"))
            let other = try Program.run(["export", "r.h5:base", "--output", "other"], in: folder)
            #expect(other.errors.contains("the result was made with weights of SHA-256"), "\(other.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder + "/other"))
        }
    }

    @Test("The adapter alone names a base that can be loaded, by the names of a model without a head")
    func adapterAlone() throws {
        let yaml = """
            model: ./tiny.gguf
            pooling: mean
            tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]
            variants:
              plain: {}
              norm:
                train: {data: lines.jsonl, steps: 2, batch_size: 2, targets: none, modules_to_save: [norm], decontaminate: false}
              low:
                train: {data: lines.jsonl, steps: 2, batch_size: 2, rank: 1, targets: [q_proj], layers: [1], decontaminate: false}

            """
        try withModel { folder in
            let files = [
                "x.yaml": yaml, "pairs.csv": "s,a,b\n5,A girl.,A woman.\n1,Up.,A dog.\n3,One.,Two.\n",
                "lines.jsonl": "[\"It rains.\", \"Rain.\"]\n[\"Up.\", \"On.\"]\n",
            ]
            for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
            #expect(try Program.run(["train", "x.yaml"], in: folder).status == 0)
            let export = ["export", "x.yaml:low", "--output", "out", "--adapter-only"]
            let nameless = try Program.run(export, in: folder)
            #expect(nameless.errors.contains("PEFT can't load the base model from a GGUF file"), "\(nameless.errors)")
            let outcome = try Program.run(export + ["--base-model", "org/tiny"], in: folder)
            try #require(outcome.status == 0, "\(outcome.errors)")
            let config = try String(contentsOfFile: folder + "/out/adapter_config.json", encoding: .utf8)
            #expect(config.contains("\"base_model_name_or_path\": \"org/tiny\""))
            #expect(config.contains("\"task_type\": \"FEATURE_EXTRACTION\""))
            // PEFT finds no layer's number where but one name stands in front of it.
            #expect(config.contains("\"layers_to_transform\": null"))
            #expect(config.contains("\"target_modules\": [\"layers.1.self_attn.q_proj\"]"), "\(config)")
            let weights = try Data(contentsOf: URL(fileURLWithPath: folder + "/out/adapter_model.safetensors"))
            #expect(
                String(decoding: weights, as: UTF8.self).contains(
                    "\"base_model.model.layers.1.self_attn.q_proj.lora_A.weight\""))
            #expect(FileManager.default.fileExists(atPath: folder + "/out/experiment.yaml"))
            // The names mean the same modules here.
            let model = ["--model", "./tiny.gguf", "--pooling", "mean", "--adapter", "out"]
            #expect(try embed(model, in: folder).values == embed(["--method", "x.yaml:low"], in: folder).values)

            let norm = ["export", "x.yaml:norm", "--output", "n", "--adapter-only", "--base-model", "org/tiny"]
            let unnamed = try Program.run(norm, in: folder)
            #expect(unnamed.errors.contains("\"norm\" would mean \"layers.0."), "\(unnamed.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder + "/n"))

            let none = try Program.run(["export", "x.yaml:plain", "--output", "p", "--adapter-only"], in: folder)
            #expect(none.errors.contains("the run \"plain\" has no adapter to export"), "\(none.errors)")
        }
    }

    @Test(
        "An encoder's folder keeps its tokenizer's files, which don't see white space, and says what the library reads")
    func encoder() throws {
        try withModel { folder in
            let files = FileManager.default
            try files.createDirectory(atPath: folder + "/bert", withIntermediateDirectories: true)
            func write(_ bytes: some Sequence<UInt8>, _ name: String) throws {
                try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            try write(TinyBERT.weights, "bert/model.safetensors")
            try write(
                TinyBERT.config(#", "architectures": ["BertForMaskedLM"], "torch_dtype": "float16""#).utf8,
                "bert/config.json")
            try write(TinyBERT.vocabulary.joined(separator: "\n").utf8, "bert/vocab.txt")
            let more = """
                  query: { template: { query: "a: {text}", document: "{text}", default: "b {text}" }, pooling: max }
                  eol: { normaliser: prompteol }
                """
            try write("model: ./bert\ntasks: [STS-B]\npooling: cls\nvariants:\n  plain: {}\n\(more)\n".utf8, "x.yaml")
            try write("a b\n  b\ta \nb b b\n".utf8, "lines.txt")
            for run in ["plain", "query"] {
                let outcome = try Program.run(["export", "x.yaml:\(run)", "--output", run, "--normalise"], in: folder)
                try #require(outcome.status == 0, "\(outcome.errors)")
                let (own, read) = (
                    try embed(["--method", "x.yaml:\(run)"], in: folder),
                    try embed(["--model", "./\(run)"], in: folder)
                )
                for row in 0..<own.rows {
                    let cells = row * own.columns..<(row + 1) * own.columns
                    let length = own.values[cells].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
                    for (one, other) in zip(own.values[cells], read.values[cells]) {
                        #expect(abs(Double(one) / length - Double(other)) < 1e-6)
                    }
                }
            }
            func text(_ name: String) throws -> String {
                try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            }
            #expect(try text("plain/vocab.txt") == text("bert/vocab.txt"))
            let config = try text("plain/config.json")
            #expect(config.contains("\"dtype\": \"float32\"") && !config.contains("architectures"), "\(config)")
            #expect(try text("plain/modules.json").contains("\"2_Normalize\""))
            #expect(
                try text("plain/sentence_bert_config.json").contains("\"max_seq_length\": \(TinyBERT.contextLength)"))
            let prompts = try text("query/config_sentence_transformers.json")
            for words in ["\"query\": \"a: \"", "\"document\": \"\"", "\"default_prompt_name\": \"sentence\""] {
                #expect(prompts.contains(words), "\(prompts)")
            }
            // A list of tokens has no place for a rule.
            let rule = try Program.run(["export", "x.yaml:eol", "--output", "eol"], in: folder)
            #expect(rule.errors.contains("expected a tokenizer.json"), "\(rule.errors)")
        }
    }

    @Test("A folder is written whole, and over nothing")
    func destination() throws {
        // Weights that are larger than the rest, and than what is tried before the work.
        try withModel(layers: 16) { folder in
            let files = FileManager.default
            func export(_ output: String, _ shell: String? = nil) throws -> String {
                let arguments = ["export", "x.yaml:mean", "--output", output]
                if let shell { return try Program.shell(shell, arguments, in: folder).errors }
                return try Program.run(arguments, in: folder).errors
            }
            try files.createDirectory(atPath: folder + "/full", withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: folder + "/full/x"))
            #expect(try export("full").contains("full: cannot write here: the folder is there, and not empty"))
            #expect(try export("tiny.gguf").contains("tiny.gguf: expected the path of a new folder"))
            #expect(try export("").contains("found an empty one"))
            let before = try files.contentsOfDirectory(atPath: folder).sorted()
            // Room for the tokenizer, and not for the weights.
            let failed = try export("small", "ulimit -f 400; trap '' XFSZ; exec \"$0\" \"$@\"")
            #expect(failed.contains("small/model.safetensors: cannot write: File too large"), "\(failed)")
            #expect(try files.contentsOfDirectory(atPath: folder).sorted() == before)
            // An empty folder is as good as none; and no file goes into a model's folder.
            try files.createDirectory(atPath: folder + "/new", withIntermediateDirectories: true)
            #expect(try export("new/").hasSuffix("written: new/\n"))
            try Data(Self.yaml.replacing("./tiny.gguf", with: "./new").utf8)
                .write(to: URL(fileURLWithPath: folder + "/x.yaml"))
            #expect(try export("new/inner").contains("the command reads the folder"))
            #expect(try export("again").hasSuffix("written: again\n"))
        }
    }

    @Test("Weights are rounded where a type is asked for")
    func types() throws {
        try withModel { folder in
            let exact = try embed(["--method", "x.yaml:mean"], in: folder)
            for (name, bound) in [("bfloat16", Float(0.1)), ("float16", 0.02)] {
                let outcome = try Program.run(
                    ["export", "x.yaml:mean", "--output", name, "--dtype", name], in: folder)
                #expect(outcome.errors.contains("the weights are rounded to \(name)"), "\(outcome.errors)")
                let rounded = try embed(["--model", "./\(name)"], in: folder)
                let largest = zip(exact.values, rounded.values).map { abs($0 - $1) }.max() ?? 0
                #expect(largest > 0 && largest < bound, "\(name): \(largest)")
            }
        }
    }

    @Test(
        "sentence-transformers loads the folder and gives the same vectors, within 1e-5",
        .enabled(if: Python.hasSentenceTransformers))
    func library() throws {
        let script = """
            import sys, os, json, h5py, numpy
            os.environ["HF_HUB_OFFLINE"] = "1"
            from sentence_transformers import SentenceTransformer
            os.chdir(sys.argv[1])
            lines = open("lines.txt", newline="\\n").read().split("\\n")
            places = [i for i, line in enumerate(lines) if line.strip()]
            for run in open("runs.txt").read().split("\\n"):
                model = SentenceTransformer(run, trust_remote_code=False, device="cpu")
                found = model.encode([lines[i] for i in places])
                expected = h5py.File(run + ".h5")["embeddings"][:][places]
                difference = numpy.abs(found - expected).max() / numpy.abs(expected).max()
                print(run, "ok" if difference < 1e-5 else difference, model.max_seq_length)
            """
        let runs = ["mean", "prompt", "behind", "eol", "quotes", "verbatim", "both", "cut"]
        try withModel { folder in
            for run in runs {
                let outcome = try Program.run(["export", "x.yaml:\(run)", "--output", run], in: folder)
                try #require(outcome.status == 0, "\(outcome.errors)")
                _ = try embed(["--method", "x.yaml:\(run)"], in: folder)
                try FileManager.default.moveItem(atPath: folder + "/rows.h5", toPath: "\(folder)/\(run).h5")
            }
            try Data(runs.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: folder + "/runs.txt"))
            let printed = try Python.runPeers(script, folder)
            for run in runs { #expect(printed.contains("\(run) ok 128\n"), "\(printed)") }
        }
    }
}
