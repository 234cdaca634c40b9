import Foundation
import Specification
import Testing

@Suite("What is not an experiment is refused at its line")
struct YAMLErrorTests {
    static let refused = "YAML anchors and aliases are not read; use extends, or quote a text that begins with & or *"

    @Test(
        "Text that the reader cannot take is one line with file, line and column",
        arguments: [
            ("", "x.yaml: expected a mapping, found an empty file"),
            ("# only a comment\n", "x.yaml: expected a mapping, found an empty file"),
            ("- a\n", "x.yaml:1:1: expected a mapping, found a list"),
            ("\n  hello\n", "x.yaml:2:3: expected a mapping, found the text \"hello\""),
            (
                "model: a\nmodel: b\n",
                "x.yaml:2:1: the key \"model\" stands twice in one mapping, first in line 1"
            ),
            (
                "variants:\n  one: {pooling: mean}\n  two:\n    pooling: last\n  one: {pooling: last}\n",
                "x.yaml:5:3: the key \"one\" stands twice in one mapping, first in line 2"
            ),
            ("a: {b: 1, b: 2}\nc:\n    b: 3\n", "x.yaml:1:5: the key \"b\" stands twice in one mapping"),
            (
                "a:\n- b: 1\n# note\n\n  c: 2\n  b: 3\n",
                "x.yaml:6:3: the key \"b\" stands twice in one mapping, first in line 2"
            ),
            (
                "model: x\n\tpooling: mean\n",
                "x.yaml:2:1: unreadable YAML: while scanning a plain scalar from line 1, "
                    + "found a tab character that violates indentation; indent with spaces, not tabs"
            ),
            (
                "name: \"open\n",
                "x.yaml:2:1: unreadable YAML: while scanning a quoted scalar from line 1, found unexpected end of stream"
            ),
            (
                "a: b: c\n",
                "x.yaml:1:5: unreadable YAML: mapping values are not allowed in this context; put a text with a colon and a "
                    + "space in it, or with one at its end, in quotes"
            ),
            (
                "template: \"{text}\" is\n",
                "x.yaml:1:20: unreadable YAML: while parsing a block mapping, did not find expected key; "
                    + "put the whole text in quotes: '\"{text}\" is'"
            ),
            (
                "a: [x, 'it' is]\n",
                "x.yaml:1:13: unreadable YAML: while parsing a flow sequence, did not find expected ',' or ']'; "
                    + "put the whole text in quotes: '\"{text}\" is'"
            ),
            (
                "a:\n  prompt plain\n  pooling: mean\n",
                "x.yaml:3:10: unreadable YAML: mapping values are not allowed in this context; the line above lacks its "
                    + "colon, or this one isn't indented as its neighbours"
            ),
            ("name: a\u{1}\n", "x.yaml:1:8: unreadable YAML: control characters are not allowed"),
            ("a: 1\n---\nb: 2\n", "x.yaml:2:1: expected a single document in the stream, but found another document"),
            ("a: !!int 3\n", "x.yaml:1:4: expected a value without a YAML tag, found tag:yaml.org,2002:int"),
            ("a: !!str mean\n", "x.yaml:1:4: expected a value without a YAML tag, found tag:yaml.org,2002:str"),
            ("a: !!str \"3\"\n", "x.yaml:1:4: expected a value without a YAML tag, found tag:yaml.org,2002:str"),
            ("a: !!seq [b]\n", "x.yaml:1:4: expected a value without a YAML tag, found tag:yaml.org,2002:seq"),
            ("a: !!map {b: c}\n", "x.yaml:1:4: expected a value without a YAML tag, found tag:yaml.org,2002:map"),
            ("!!str a: b\n", "x.yaml:1:1: expected a value without a YAML tag, found tag:yaml.org,2002:str"),
            ("!!int 3: b\n", "x.yaml:1:1: expected a value without a YAML tag, found tag:yaml.org,2002:int"),
            ("a: b\nc: !!str d\n", "x.yaml:2:4: expected a value without a YAML tag, found tag:yaml.org,2002:str"),
            (
                "a: b\r\nc: [d,\r\n  ! e]\r\n",
                "x.yaml:3:3: expected a value without a YAML tag, found tag:yaml.org,2002:str"
            ),
            (
                "a:\n  b: {c: !!map {d: e}}\n",
                "x.yaml:2:10: expected a value without a YAML tag, found tag:yaml.org,2002:map"
            ),
            ("a: b\n!!str c: d\n", "x.yaml:2:1: expected a value without a YAML tag, found tag:yaml.org,2002:str"),
            ("? [a]\n: b\n", "x.yaml:1:3: expected text as a key, found a list"),
            ("<<: {a: 1}\n", "x.yaml:1:1: YAML merge keys (<<) are not read; use extends"),
            ("a: &x 1\n", "x.yaml:1:4: \(refused)"),
            ("a: *x\n", "x.yaml:1:4: \(refused)"),
            ("a: &x 1\nb: *x\n", "x.yaml:2:4: \(refused)"),
        ])
    func unreadable(text: String, complaint: String) throws {
        let found = try TemporaryExperiment.complaint(text)
        #expect(found == complaint)
    }

    @Test("Aliases of aliases are refused before they grow, as values and as keys")
    func billionLaughs() throws {
        var text = "l0: &l0 [lol, lol, lol, lol]\n"
        for level in 1...40 {
            text += "l\(level): &l\(level) [\(Array(repeating: "*l\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        text += "? *l40\n: x\n"
        #expect(try TemporaryExperiment.complaint(text) == "x.yaml:2:10: \(Self.refused)")
    }

    @Test("Deep nesting is refused, not followed")
    func deepNesting() throws {
        let text = "a: " + String(repeating: "[", count: 5_000)
        #expect(try TemporaryExperiment.complaint(text).hasPrefix("x.yaml:1:"))
        let closed = "a: " + String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(try TemporaryExperiment.complaint(closed) == "x.yaml:1:35: expected at most 32 nested levels of YAML")
    }

    @Test("A missing file, a folder and text that is not UTF-8 are named")
    func unreadableFiles() throws {
        try TemporaryExperiment.with(["sub/x.yaml": "a: 1\n"]) { experiment in
            #expect(experiment.complaint("no.yaml") == "no.yaml: no such file")
            #expect(experiment.complaint("sub") == "sub: expected a file, found a folder")
        }
    }

    @Test("Ampersands and stars inside texts are only characters")
    func ampersands() throws {
        let spec = try TemporaryExperiment.spec(
            "model: smollm2-135m\ndescription: R&D * 2 & *more*\nvariants:\n  a & b: {pooling: mean}\n  \"*\": {pooling: last}\n"
        )
        #expect(spec.description == "R&D * 2 & *more*")
        #expect(spec.runs.map(\.name) == ["a & b", "*"])
    }

    @Test("Words that older YAML takes for truth values are text here")
    func oldTruthValues() throws {
        let spec = try TemporaryExperiment.spec("model: smollm2-135m\npooling: mean\nname: on\ndescription: no\n")
        #expect(spec.name == "on")
        #expect(spec.resolvedYAML.hasPrefix("name: \"on\"\ndescription: \"no\"\n"))
    }

    @Test("Mangled files are refused or read, but never crash")
    func fuzz() throws {
        let seed = """
            extends: [base.yaml]
            name: fuzz
            model: smollm2-135m
            tasks: [STS-B, "SICK-R"]
            variants:
              one: {prompt: prompteol, pooling: last, layer: -2}
              two:
                template: 'x {text} "y"'
                pooling: &p mean
                bidirectional: [1, 2]
              three: {pooling: *p, bidirectional: last 4}
            published:
              - {paper: bellm, row: BeLLM LLaMA-2-7B}

            """
        let alphabet = Array("{}[]:,&*!|>'\"%@`#?- \n\t<~0\u{0}\u{85}é😀\\".unicodeScalars)
        var random = SplitMix(state: 7)
        var refused = 0
        try TemporaryExperiment.with(["base.yaml": "pooling: mean\n"]) { experiment in
            for _ in 0..<250 {
                var scalars = Array(seed.unicodeScalars)
                for _ in 0...random.below(4) {
                    let place = random.below(scalars.count)
                    switch random.below(4) {
                    case 0: scalars[place] = alphabet[random.below(alphabet.count)]
                    case 1: scalars.insert(alphabet[random.below(alphabet.count)], at: place)
                    case 2: scalars.remove(at: place)
                    default: scalars.removeSubrange(place..<min(scalars.count, place + random.below(40)))
                    }
                    if scalars.isEmpty { scalars = [" "] }
                }
                var text = String.UnicodeScalarView()
                text.append(contentsOf: scalars)
                let file = "\(experiment.folder)/x.yaml"
                try Array(String(text).utf8).withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: file)) }
                let complaint = experiment.complaint()
                if !complaint.isEmpty { refused += 1 }
                #expect(complaint.isEmpty || complaint.contains(".yaml"))
            }
        }
        #expect(refused > 125)
    }
}

/// The same mutations in every run of the tests. Steele, Lea and Flood 2014, Fast splittable pseudorandom number
/// generators.
private struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(max(bound, 1)))
    }
}
