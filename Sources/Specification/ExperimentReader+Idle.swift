import Diagnostics
import Embedding
import Models

// Keys of a run that say nothing where it doesn't train, or beside others.

extension ConfigNode {
    /// Whether a run with these keys trains an adapter, or the position between two, or measures several by a probe.
    var trains: Bool {
        if let training = self[RunKey.trainName], training.content != .text("none") { return true }
        guard case .text(let by) = self[RunKey.adapterName]?["by"]?.content else { return false }
        return by == PositionSpec.name || AdapterMerge.Method(rawValue: by)?.quantity != nil
    }

    /// Without the one of `layer` and `layers` that says nothing where nothing is trained at `layer`: the one that was said nearer
    /// to the run takes the place of the other.
    ///
    /// - Throws: where both are said in one place
    func choosingLayers(by origins: KeyOrigins, isResolved: Bool) throws(Diagnostic) -> ConfigNode {
        let names = [MethodField.layerName, RunKey.layersName]
        let said = entries.filter { names.contains($0.key) }
        guard said.count == 2, !trains else { return self }
        let nearest = said.map { origins.of($0.key) }.max()
        let chosen = isResolved ? [RunKey.layersName] : said.map(\.key).filter { origins.of($0) == nearest }
        guard chosen.count == 1 else {
            throw Diagnostic(
                "expected either \(names[0]) or \(names[1]), found both in a run that isn't trained at \(names[0])",
                at: said[1].location, suggestion: "\(names[1]) says which hidden layers are scored, a run for each")
        }
        return ConfigNode(
            .mapping(entries.filter { !names.contains($0.key) || chosen.contains($0.key) }), at: location,
            folder: folder)
    }
}

/// How near to a run each of its keys was said.
struct KeyOrigins {
    enum Place: Int, Comparable {
        case extendedFile, file, run, commandLine, commandLineOfRun

        static func < (one: Place, other: Place) -> Bool { one.rawValue < other.rawValue }
    }

    private var places: [String: Place]

    /// - Parameters:
    ///   - shared: what all runs inherit
    ///   - path: the experiment's own file
    init(_ shared: ConfigNode, of path: String) {
        places = Dictionary(
            shared.entries.map { ($0.key, $0.location.file == path ? .file : .extendedFile) },
            uniquingKeysWith: { $1 })
    }

    mutating func note(_ mapping: ConfigNode, _ place: Place) {
        for entry in mapping.entries { places[entry.key] = place }
    }

    func of(_ key: String) -> Place { places[key] ?? .extendedFile }
}

/// Where seeds are said, and whether a run that they reach trains: what is inherited says nothing to those that don't.
struct SaidSeeds {
    private struct Said {
        var key: String
        var location: SourceLocation
        var runs: [String]
        var isOfTraining: Bool
    }

    private var said: [Said] = []

    mutating func note(_ run: ConfigNode, of name: String, isTrained: Bool) {
        for key in [RunKey.seedName, RunKey.seedsName] {
            guard let location = run[key]?.location else { continue }
            if let index = said.firstIndex(where: { $0.key == key && $0.location == location }) {
                said[index].runs.append(name)
                said[index].isOfTraining = said[index].isOfTraining || isTrained
            } else {
                said.append(Said(key: key, location: location, runs: [name], isOfTraining: isTrained))
            }
        }
    }

    /// Those that no training has. A file that others extend serves them too.
    ///
    /// - Parameter path: the experiment's own file
    func problems(sayableIn path: String) -> [Diagnostic] {
        said.filter { !$0.isOfTraining && ($0.location.file == path || $0.location.line == nil) }.map { said in
            let runs = said.runs.map { "\"\($0)\"" }
            return Diagnostic(
                "\(said.key) is of a training, and nothing is trained by the run\(runs.count == 1 ? "" : "s") "
                    + runs.shortList(),
                at: said.location, suggestion: "leave \(said.key) out, or say what to \(RunKey.trainName)")
        }
    }
}
