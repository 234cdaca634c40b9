import Files
import Specification
import TestSupport
import Testing

@Suite("The keys of a training recipe")
struct TrainingKeyTests {
    private func complaint(_ recipe: String) throws -> String {
        try TemporaryExperiment.complaint("model: ./m.gguf\npooling: last\ntrain: \(recipe)\n")
    }

    @Test("The manual's tables have every key, and no other")
    func manual() throws {
        let complaint = try complaint("{ stepz: 3 }")
        #expect(complaint.hasPrefix("x.yaml:3:10: unknown key of a training recipe \"stepz\"; expected one of: "))
        #expect(complaint.hasSuffix("; did you mean \"steps\"?"))
        let list = try #require(complaint.firstMatch(of: /expected one of: ([^;]*);/)).1
        let keys = list.split(separator: ", ").map(String.init)
        #expect(keys.count > 25)
        let manual = try TextFile.text(of: Fixtures.packageRoot + "/docs/training.md")
        let rows = manual.matches(of: /\n\| `(\w+)` \|/).map { String($0.1) }
        #expect(rows == keys, "docs/training.md")
    }

    @Test(
        "A wrong value is named with its line and what was expected",
        arguments: [
            (
                "{ loss: infonce }",
                "3:16: unknown loss \"infonce\"; expected one of: in_batch_negatives, cosent, angle, "
            ),
            (
                "{ loss: cosent, cosine_tau: 10 }",
                "3:24: cosine_tau is a key of the loss angle, found the loss cosent; cosent has scale"
            ),
            (
                "{ loss: cosent, temperature: 0.1 }",
                "3:24: temperature is a key of the loss in_batch_negatives, found the loss cosent"
            ),
            ("{ scale: 10 }", "3:10: scale is a key of the loss cosent, found the loss in_batch_negatives"),
            (
                "{ data: STS-B-train, loss: cosent, hard_negatives: true }",
                "3:43: hard_negatives is a key of the data wordnet, found the data STS-B-train"
            ),
            ("{ objective: matryoska }", "3:21: unknown objective \"matryoska\"; expected one of: in_batch_negatives"),
            (
                "{ objective: {matryoshka: {of: cosent, dimensions: [4, 4]}} }",
                "different numbers above 0, found [4, 4]"
            ),
            (
                "{ objective: {cosent: {scael: 3}} }",
                "unknown key of the objective cosent \"scael\"; expected one of: scale"
            ),
            ("{ objective: cosent, temperature: 1 }", "expected either objective or temperature, found both"),
            ("{ no_duplicates: 1 }", "expected true or false"), ("{ norm_exits: 1 }", "expected true or false"),
            ("{ head: linear }", "3:16: expected none, or a mapping such as {kind: linear, dimensions: 256}"),
            ("{ head: {dimensions: 8} }", "expected the kind of the head: linear, mlp"),
            ("{ head: {kind: linaer} }", "3:23: unknown kind of head \"linaer\"; expected one of: linear, mlp"),
            (
                "{ head: {kind: linear, dimension: 8} }",
                "3:31: unknown key of a head of the kind linear \"dimension\"; expected one of: kind, train_only, "
                    + "dimensions, bias, activation; did you mean \"dimensions\"?"
            ),
            ("{ head: {kind: linear, dimensions: 0} }", "3:43: dimensions: expected 1 to 65536, found 0"),
            ("{ head: {kind: linear, bias: 1} }", "expected true or false, found the integer 1"),
            ("{ head: {kind: linear, activation: slilu} }", "unknown activation \"slilu\""),
            ("{ head: {kind: mlp} }", "a head of the kind mlp needs hidden layers; write hidden: [512]"),
            ("{ head: {kind: mlp, hidden: [8, x]} }", "expected an integer"),
            ("{ head: {kind: mlp, hidden: 8, train_only: 1} }", "expected true or false"),
            ("{ steps: 0 }", "3:17: expected 1 or more, found"),
            ("{ steps: many }", "3:17: expected an integer, found the text \"many\""),
            ("{ targets: [q_proj, q_proj] }", "q_proj"),
            ("{ layers: [1, 1] }", "layers"), ("{ symmetric: yes }", "expected true or false, found the text \"yes\""),
            ("{ data: STSB-train }", "unknown task \"STSB-train\""),
            ("{ temperature: 0 }", "expected temperature to be above 0"),
            ("{ warmup: 1.5 }", "expected warmup to be a share from 0.0 to 1.0, or a whole number of steps, found 1.5"),
            ("{ evaluate_every: 5 }", "evaluate_every needs a development set; set development: STS-B-dev"),
            ("{ development: none, evaluate_every: 5 }", "3:45: evaluate_every needs a development set"),
            (
                "{ development: STS-B-dev }",
                "3:23: development chooses an adapter by evaluations, and there are none; set evaluate_every, in steps, or"
            ),
            (
                "{ development: MR, evaluate_every: 5 }",
                "3:23: expected a task of scored sentence pairs, found MR, which is of the kind transfer"
            ),
            ("{ data: ./nope.csv }", "3:16: no such file: "), ("{ data: ../nope/x.jsonl }", "3:16: no such file: "),
            (
                "{ objective: in_batch_negatives, hard_negatives: true, data: STS-B-train }",
                "3:41: hard_negatives is a key of the data wordnet, found the data STS-B-train"
            ),
            ("{ data: TREC }", "3:16: expected a task of scored sentence pairs, found TREC, which is of the kind"),
            (
                "{ objective: {adaptive_layers: {temperature: 0, divergence_weight: 3}} }",
                "3:75: divergence_weight says nothing in the objective adaptive_layers beside its other numbers, temperature"
            ),
            (
                "{ objective: {adaptive_layers: {divergence_weight: 0, detach: false}} }",
                "3:70: detach says nothing in the objective adaptive_layers beside its other numbers, divergence_weight"
            ),
            (
                "{ objective: {angle: {cosine_tau: 9}} }",
                "3:42: cosine_tau says nothing in the objective angle beside its other numbers; leave it out"
            ),
            ("{ patience: 2 }", "patience needs evaluations; set evaluate_every"),
            ("{ recipe: wordnot }", "\"wordnot\""), ("wordnot", "\"wordnot\""), ("3", "expected none, the name of"),
        ])
    func wrong(_ recipe: String, expected: String) throws {
        let found = try complaint(recipe)
        #expect(found.contains("x.yaml:3:") && found.contains(expected), "\(found)")
    }

    private func resolved(_ recipe: String) throws -> (text: String, again: String) {
        func load(_ recipe: String) throws -> ExperimentSpec {
            try TemporaryExperiment.spec("model: ./m.gguf\npooling: last\ntrain: \(recipe)\n")
        }
        let spec = try load(recipe)
        guard case .trained(let stages) = spec.runs[0].adapter else { return ("", "") }
        let text = stages[0].resolvedYAML
        let body = "\n" + text.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
        guard case .trained(let again) = try load(body).runs[0].adapter else { return (text, "") }
        return (text, again[0].resolvedYAML)
    }

    @Test("A resolved recipe writes a head whole, and reads as itself; without one it has no word of heads")
    func resolvedHeads() throws {
        let plain = try resolved("{ steps: 3 }")
        #expect(!plain.text.contains("head") && !plain.text.contains("norm_exits"))
        #expect(try resolved("{ head: none, norm_exits: false }").text == resolved("{}").text)
        let linear = try resolved("{ head: {kind: linear, bias: false, dimensions: 8}, norm_exits: true }")
        for part in ["kind: linear", "dimensions: 8", "bias: false", "activation: identity", "train_only: false"] {
            #expect(linear.text.contains(part))
        }
        #expect(linear.text.contains("norm_exits: true"))
        let mlp = try resolved("{ head: {kind: mlp, hidden: [16, 8], activation: relu, train_only: true} }")
        #expect(mlp.text.contains("hidden: [16, 8]") && !mlp.text.contains("dimensions"))
        for each in [linear, mlp] { #expect(each.text == each.again) }
    }

    @Test("Either steps or epochs: both are an error, and what builds on the one may say the other")
    func epochs() throws {
        let epochs = try resolved("{ epochs: 2 }")
        #expect(epochs.text.contains("epochs: 2.0\n") && !epochs.text.contains("\nsteps:"))
        #expect(epochs.text == epochs.again)
        let derived = try resolved("{ recipe: wordnet, epochs: 0.5 }")
        #expect(derived.text.contains("epochs: 0.5\n") && derived.text == derived.again)
        let head = "model: smollm2-135m\npooling: last\ntrain: "
        #expect(
            try TemporaryExperiment.complaint(head + "{ steps: 2, epochs: 2 }").contains(
                "expected either steps or epochs"))
        #expect(try TemporaryExperiment.complaint(head + "{ epochs: 0 }").contains("expected a number above 0"))
    }

    @Test("Another objective leaves no key of the inherited one, at any depth; the same one is changed key by key")
    func inheritedObjectives() throws {
        let base = "{matryoshka: {of: {in_batch_negatives: {temperature: 0.1}}, dimensions: [8], weights: [2]}}"
        let head = "model: ./m.gguf\npooling: last\ntrain: { objective: \(base) }\n"
        func objective(_ recipe: String, set: [String] = []) throws -> String {
            let text = head + "variants: { a: { train: \(recipe) } }\n"
            guard case .trained(let stages) = try TemporaryExperiment.spec(text, set: set).runs[0].adapter else {
                return ""
            }
            let lines = stages[0].resolvedYAML.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
            let words = [
                "loss", "matryoshka", "sum", "in_batch", "cosent", "of", "temperature", "scale", "dimensions:",
                "weights",
            ]
            return lines.filter { line in words.contains { line.hasPrefix($0) } }.joined(separator: " ")
        }
        let whole = "matryoshka: of: in_batch_negatives: temperature: 0.1 dimensions: [8] weights: [2.0]"
        #expect(try objective("{}") == whole)
        #expect(try objective("{ loss: cosent }") == "loss: cosent scale: 20.0")
        #expect(try objective("{ objective: cosent }") == "loss: cosent scale: 20.0")
        #expect(
            try objective("{ objective: {matryoshka: {weights: [3]}} }") == whole.replacing("[2.0]", with: "[3.0]"))
        #expect(
            try objective("{}", set: ["train.objective.matryoshka.weights=[3]"])
                == whole.replacing("[2.0]", with: "[3.0]"))
        #expect(
            try objective("{ objective: {matryoshka: {of: {cosent: {}}}} }")
                == whole.replacing("in_batch_negatives: temperature: 0.1", with: "cosent: scale: 20.0"))
        #expect(try objective("{ objective: {sum: {terms: [{of: cosent}]}} }").hasPrefix("sum: "))
        #expect(
            try TemporaryExperiment.complaint(head + "variants: { a: { train: { loss: cosent, objective: cosent } } }")
                .contains("expected either objective or loss"))
    }

    @Test("A resolved recipe has its own objective's keys alone, and reads as itself")
    func resolvedObjectives() throws {
        let cosent = try resolved("{ loss: cosent, scale: 10 }")
        #expect(cosent.text.contains("loss: cosent\n") && cosent.text.contains("scale: 10"))
        #expect(!cosent.text.contains("ibn_tau") && !cosent.text.contains("no_duplicates"))
        let angle = try resolved("{ loss: angle, no_duplicates: true }")
        #expect(angle.text.contains("ibn_tau: 20") && angle.text.contains("no_duplicates: true"))
        let composed = try resolved("{ objective: {matryoshka: {of: in_batch_negatives, dimensions: [32, 16]}} }")
        #expect(composed.text.contains("matryoshka") && !composed.text.contains("loss:"))
        #expect(!composed.text.hasPrefix("temperature:") && !composed.text.contains("\ntemperature:"))
        let sum = try resolved(
            "{ objective: {sum: {terms: [{weight: 0.5, of: cosent}, {weight: 0.5, of: cosine_regression}]}} }")
        for each in [cosent, angle, composed, sum] { #expect(each.text == each.again) }
        // What builds on a recipe with a loss may say a whole objective in its place.
        let derived = try resolved("{ recipe: wordnet, objective: {matryoshka: {dimensions: [8]}} }")
        #expect(derived.text.contains("matryoshka") && !derived.text.contains("loss:"))
        // And another loss or other data, in the place of the shared one's.
        let whole = try resolved("{ recipe: wordnet, targets: full }")
        #expect(whole.text.contains("targets: full") && whole.text == whole.again)
        for key in ["rank", "alpha", "dropout", "layers", "modules_to_save"] {
            #expect(!whole.text.contains("\(key):"), "\(key)")
        }
        let other = try resolved("{ recipe: wordnet, data: STS-B-train, loss: cosent }")
        #expect(other.text.contains("loss: cosent") && !other.text.contains("temperature"))
        #expect(!other.text.contains("wordnet") && other.text == other.again)
    }
}
