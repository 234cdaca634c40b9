import Results

/// What made the result: files and their digests, versions, processor, the resolved experiment.
struct ProvenanceSection {
    let result: ExperimentResult

    var markup: Markup {
        let short = result.provenance.filter { !$0.value.contains("\n") }
        let long = result.provenance.filter { $0.value.contains("\n") }
        return .group(
            [
                Page.definitions(short.map { ($0.key, .element("code", text: $0.value)) } + models),
                datasets,
            ] + long.map { Page.details($0.key, .element("pre", text: $0.value)) })
    }

    private var models: [(String, Markup)] {
        inOrder(result.runs) { [$0.modelFile, $0.weightsSHA256, $0.tokenizerSHA256] }.compactMap(\.first)
            .filter { !$0.modelFile.isEmpty }.flatMap { run in
                [
                    ("model file", .element("code", text: run.modelFile)),
                    ("weights SHA-256", .element("code", text: run.weightsSHA256)),
                    ("tokenizer SHA-256", .element("code", text: run.tokenizerSHA256)),
                ]
            }
    }

    private var datasets: Markup {
        guard !result.datasets.isEmpty else { return .nothing }
        // Trainings read the same files, each as many examples of them as it takes.
        let files = inFirstOrder(result.datasets.map { [$0.task, $0.file, $0.textVariant, $0.sha256] })
        let rows = files.map { key in
            let same = result.datasets.filter { [$0.task, $0.file, $0.textVariant, $0.sha256] == key }
            let counts = [same.map(\.pairs), same.map(\.skipped)].map { counts in
                inFirstOrder(counts).map(String.init).joined(separator: ", ")
            }
            return Page.row(
                key[0],
                cells: [key[1], key[2], counts[0], counts[1], key[3]].map {
                    .element("td", [:], [.element("code", text: $0)])
                })
        }
        return Page.details(
            "Data files and their digests",
            Page.table(
                caption: "The files that the tasks were read from; a task's counts stand with its first",
                head: ["task", "file", "text", "pairs", "without a score", "SHA-256"].map(Page.head), bodies: [rows]))
    }
}
