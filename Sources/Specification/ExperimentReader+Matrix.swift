import Diagnostics

extension ExperimentReader {
    /// The runs that the experiment declares: its variants, the matrix's combinations, or each variant with each
    /// combination; the experiment itself where it has neither.
    mutating func declaredRuns(name: String, overrides: Overrides) throws -> [ConfigEntry] {
        let runs = try combinedRuns(name: name, overrides: overrides)
        let keys = [RunKey.seedsName, RunKey.seedName, RunKey.trainName, RunKey.adapterName]
        let multiplied = try runs.flatMap { run in
            try withSeeds(run, said: overrides.values(of: keys, for: run.key, runNames: runs.map(\.key)))
        }
        guard multiplied.count <= RunMatrix.runLimit else {
            problems.add(
                Diagnostic(
                    "expected at most \(RunMatrix.runLimit) runs, found \(multiplied.count)", at: root.location))
            return []
        }
        return multiplied
    }

    /// A run for each of its `seeds`, where it trains; itself where it doesn't, or says none.
    ///
    /// - Parameter said: what the command line says of it
    private mutating func withSeeds(_ run: ConfigEntry, said: [ConfigNode]) throws -> [ConfigEntry] {
        let whole = said.reduce(root.merged(with: run.value)) { $0.merged(with: $1) }
        guard let node = whole[RunKey.seedsName], whole.trains else { return [run] }
        let range = NumberRange(RunKey.seedsName, 1...100)
        guard let count = try problems.collect({ try range.check(node.integer(), at: node.location) }) else {
            return [run]
        }
        let start = whole[RunKey.seedName].flatMap { try? $0.integer() } ?? 1
        let own = run.value[RunKey.factorsName] == nil ? [TableNames.Factor(TableNames.runFactor, run.key)] : []
        let runs = (0..<count).map { index in
            let (seed, overflows) = start.addingReportingOverflow(index)
            let nothing = ConfigNode(.mapping([]), at: node.location, folder: "")
            let number = ConfigNode(.integer(overflows ? -1 : seed), at: node.location, folder: "")
            let seeded = nothing.naming([TableNames.Factor(RunKey.seedName, String(seed))], at: node.location)
                .merged(with: nothing.with(RunKey.seedName, number))
            return ConfigEntry(
                key: "\(run.key) \(RunKey.seedName)=\(seed)", at: run.location,
                value: run.value.naming(own, at: node.location).merged(with: seeded))
        }
        runsOfSeeds[run.key] = runs.map(\.key)
        return runs
    }

    private mutating func combinedRuns(name: String, overrides: Overrides) throws -> [ConfigEntry] {
        let variants = try variants()
        guard let node = root["matrix"] else { return variants ?? [wholeExperiment(name)] }
        guard var matrix = try RunMatrix(node, problems: &problems) else { return [] }
        checkMatrix(matrix, against: variants ?? [])
        guard matrix.size * max(variants?.count ?? 1, 1) <= RunMatrix.runLimit else {
            problems.add(
                Diagnostic(
                    "expected at most \(RunMatrix.runLimit) runs, found more, exclusions not counted",
                    at: matrix.location))
            return []
        }
        let written = runs(of: matrix, variants: variants, name: name)
        if written.isEmpty, variants?.isEmpty != true {
            problems.add(Diagnostic("every combination is excluded", at: matrix.location))
        }
        matrixKeys = matrix.axes.map(\.key)
        for index in matrix.axes.indices {
            let key = matrix.axes[index].key
            let value = try problems.collect { () throws -> [RunMatrix.Value]? in
                try overrides.value(of: key, runNames: written.map(\.key))?[key].map { [try $0.matrixValue(of: key)] }
            }
            if let value = value ?? nil { matrix.axes[index].values = value }
        }
        return runs(of: matrix, variants: variants, name: name)
    }

    /// Each variant with each combination, or the combinations alone.
    private func runs(of matrix: RunMatrix, variants: [ConfigEntry]?, name: String) -> [ConfigEntry] {
        let nothing = ConfigNode(.mapping([]), at: matrix.location, folder: "")
        let combinations = matrix.combinations
        return (variants ?? [ConfigEntry(key: "", at: matrix.location, value: nothing)]).flatMap { variant in
            combinations.map { combination in
                let names = [variant.key, combination.name].filter { !$0.isEmpty }
                let value = variant.value.merged(with: combination.values)
                let own = variant.key.isEmpty ? [] : [TableNames.Factor(TableNames.runFactor, variant.key)]
                return ConfigEntry(
                    key: names.isEmpty ? name : names.joined(separator: " · "), at: variant.location,
                    value: value.naming(own + combination.factors, at: matrix.location))
            }
        }
    }

    /// A variant that says what the matrix says would be overruled in silence.
    private mutating func checkMatrix(_ matrix: RunMatrix, against variants: [ConfigEntry]) {
        for entry in variants.flatMap(\.value.entries) {
            if let axis = matrix.axes.first(where: { entry.key.replaces($0.key) }) {
                problems.add(
                    Diagnostic(
                        "\(entry.key) stands in a variant, though the matrix lists values of \(axis.key)",
                        at: entry.location))
            }
        }
    }

    /// Refuses changes from the command line that would make a run's name lie.
    mutating func checkAssignments(_ assignments: [Overrides.Assignment]) {
        for assignment in assignments {
            if assignment.key == RunKey.seedsName, assignment.run != nil {
                problems.add(
                    Diagnostic(
                        "\(RunKey.seedsName) makes several runs, whose names are their own",
                        at: assignment.value.location, suggestion: "say --set \(RunKey.seedsName)=N for all that train")
                )
            }
            guard let key = matrixKeys.first(where: { assignment.key.replaces($0) }) else { continue }
            if assignment.run != nil || assignment.key != key {
                problems.add(
                    Diagnostic(
                        "\(key) is a key of the matrix, whose runs are named by it", at: assignment.value.location,
                        suggestion: "choose runs with --only, or change all with --set \(key)=VALUE"))
            }
        }
    }

    /// Two combinations that mean the same would compute the same numbers under two names.
    mutating func checkDistinct(_ runs: [RunSpec]) {
        guard !matrixKeys.isEmpty else { return }
        // By bytes: templates may differ in nothing but how an accent is written.
        var seen: [[UInt8]: Int] = [:]
        for (index, run) in runs.enumerated() {
            let meaning = RunKey.ofSettings.map { "\($0.name) \($0.write(run).map(String.init(describing:)) ?? "")" }
            let declared = Array(("\(run.location) " + meaning.joined(separator: "\n")).utf8)
            guard let twin = seen.updateValue(index, forKey: declared).map({ runs[$0] }) else { continue }
            let key = matrixKeys.first { run.locations[$0] != twin.locations[$0] }
            problems.add(
                Diagnostic(
                    "the runs \"\(twin.name)\" and \"\(run.name)\" are the same method on the same backbone",
                    at: key.flatMap { run.locations[$0] } ?? run.location))
        }
    }
}

extension String {
    /// Whether saying this run key leaves nothing of what the other one said.
    fileprivate func replaces(_ other: String) -> Bool {
        self == other || ConfigLevel.run.alternatives.contains { $0.contains(self) && $0.contains(other) }
    }
}

extension ConfigNode {
    /// A run with factors of a matrix before its own.
    fileprivate func naming(_ factors: [TableNames.Factor], at location: SourceLocation) -> ConfigNode {
        guard !factors.isEmpty else { return self }
        let nothing = ConfigNode(.mapping([]), at: location, folder: "")
        let named = factors.reduce(nothing) { mapping, factor in
            mapping.with(factor.name, ConfigNode(.text(factor.value), at: location, folder: ""))
        }
        return nothing.with(RunKey.factorsName, named).merged(with: self)
    }

    /// A mapping with one key more.
    fileprivate func with(_ key: String, _ value: ConfigNode) -> ConfigNode {
        ConfigNode(
            .mapping(entries + [ConfigEntry(key: key, at: value.location, value: value)]), at: location, folder: folder)
    }
}
