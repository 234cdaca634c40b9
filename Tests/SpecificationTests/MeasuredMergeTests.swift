import Specification
import TestSupport
import Testing

@Suite("A merge by what a probe measures, as an experiment says it")
struct MeasuredMergeTests {
    private static let head = "model: ./m.gguf\npooling: last\n"

    @Test(
        "What it lacks or has too much of is told with its line",
        arguments: [
            ("by: fisher, rank: 8", "fisher weighs adapters by what examples say of each: expected probe"),
            (
                "by: regmean, probe: {data: wordnet}",
                "what regmean makes has no low rank, and is cut to one: expected rank"
            ),
            (
                "by: fisher, rank: 8, probe: {data: wordnet, learning_rate: 0.1}",
                "learning_rate says nothing of a probe by which nothing is trained"
            ),
            (
                "by: fisher, rank: 8, probe: {data: wordnet, accumulation: 2}",
                "accumulation says nothing of a probe by which nothing is trained"
            ),
            ("by: fisher, rank: 8, probe: {data: wordnet, targets: all}", "targets says nothing of a probe"),
            ("by: fisher, rank: 8, probe: nli", "expected a mapping of a training recipe's keys"),
            ("by: fisher, rank: 8, off_diagonal: 0.5, probe: {data: wordnet}", "off_diagonal is a key of regmean"),
            (
                "by: regmean, rank: 8, off_diagonal: 1.5, probe: {data: wordnet}",
                "off_diagonal: expected a number from 0 to 1"
            ),
            ("by: slerp, probe: {data: wordnet}", "probe is a key of fisher, regmean and self_positioning"),
            ("by: fisher, rank: 8, weights: [1, -1], probe: {data: wordnet}", "expected weights of fisher from 0"),
            (
                "by: fisher, rank: 8, probe: {data: STS-B-train, objective: {pair_head: {alpha: 0}}}",
                "the objective pair_head has parameters of its own, which a probe doesn't train"
            ),
        ])
    func wrong(_ keys: String, words: String) throws {
        let found = try TemporaryExperiment.complaint(Self.head + "adapter: { merge: [./a, ./b], \(keys) }\n")
        #expect(found.contains("x.yaml:3:") && found.contains(words), "\(found)")
    }

    @Test("It is resolved with every value that says something, and read again as the same")
    func resolved() throws {
        for keys in ["by: fisher, rank: 8", "by: regmean, rank: 8, weights: [1, 3], scale: 0.5, off_diagonal: 0.25"] {
            let text = "adapter: { merge: [./a, ./b, ./c], \(keys), probe: {data: wordnet, steps: 3, batch_size: 4} }\n"
                .replacing("[1, 3]", with: "[1, 3, 0]")
            let spec = try TemporaryExperiment.spec(Self.head + text)
            guard case .trained(let stages) = spec.runs[0].adapter, let position = stages[0].position,
                let merge = position.merge
            else {
                Issue.record("expected a merge by a probe")
                return
            }
            #expect(position.sources.count == 3 && merge.rank == 8 && stages[0].recipe.steps == 3)
            #expect(merge.offDiagonal == (merge.method == .regmean ? 0.25 : nil))
            #expect(spec.resolvedYAML.contains("probe") && !spec.resolvedYAML.contains("learning_rate"))
            #expect(try TemporaryExperiment.spec(spec.resolvedYAML).sha256 == spec.sha256)
        }
    }
}
