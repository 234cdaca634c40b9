import Files
import Foundation
import Results
import Tasks

/// What there is to choose from: experiments, models, prompts or tasks, a line each, read from their files.
public struct PartTable: Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case experiments, models, prompts, tasks
    }

    private let header: [String]
    private let rows: [[String]]

    /// - Parameters:
    ///   - folder: the shared parts; the experiments are in the folder `experiments` beside it.
    ///   - cache: where the models' files would be.
    public init(_ kind: Kind, in folder: ConfigFolder, cache: CacheFolder = CacheFolder()) {
        switch kind {
        case .experiments:
            header = ["experiment", "runs", "description"]
            rows = Self.experiments(folder, cache: cache)
        case .models:
            header = ["model", "here", "description"]
            rows = Self.models(ModelCatalogue(configs: folder, cache: cache), in: folder)
        case .prompts:
            header = ["prompt", "normaliser", "description"]
            rows = Self.prompts(folder)
        case .tasks:
            header = ["task", "kind", "items", "description"]
            rows = Self.tasks(folder)
        }
    }

    /// The table for a terminal, columns aligned; a file that cannot be read says why in place of its description.
    public var text: String {
        let table = TextTable(header: header, rows: rows, leftColumns: Set(header.indices))
        return ([table.headerLine] + table.rowLines).joined(separator: "\n")
    }

    private static func experiments(_ folder: ConfigFolder, cache: CacheFolder) -> [[String]] {
        guard let experiments = folder.beside("experiments") else { return [] }
        let tasks = try? folder.tasks()
        return names(in: experiments).map { name in
            do {
                let spec = try ExperimentSpec.load(
                    path: "\(experiments)/\(name).yaml", tasks: tasks, configs: folder, cache: cache)
                return [name, String(spec.runs.count), spec.description ?? ""]
            } catch {
                return [name, "–", firstLine(of: error)]
            }
        }
    }

    private static func models(_ catalogue: ModelCatalogue, in folder: ConfigFolder) -> [[String]] {
        catalogue.names.map { name in
            do {
                let model = try catalogue.model(name)
                let isHere = !model.isMissing && FileManager.default.fileExists(atPath: model.file)
                return [name, isHere ? "yes" : "no", try description(.model, name, in: folder)]
            } catch {
                return [name, "–", firstLine(of: error)]
            }
        }
    }

    private static func prompts(_ folder: ConfigFolder) -> [[String]] {
        folder.names(of: .prompt).map { name in
            do {
                let prompt = try PromptConfig(named: name, in: folder, at: nil)
                let normalisers = Set(prompt.prompts.map(\.normaliser.rawValue)).sorted().joined(separator: ", ")
                return [name, normalisers, try description(.prompt, name, in: folder)]
            } catch {
                return [name, "–", firstLine(of: error)]
            }
        }
    }

    private static func description(_ kind: ConfigFolder.Kind, _ name: String, in folder: ConfigFolder) throws -> String
    {
        try folder.part(kind, named: name, at: nil)["description"]?.freeText() ?? ""
    }

    private static func tasks(_ folder: ConfigFolder) -> [[String]] {
        do {
            return try folder.tasks().tasks.map { [$0.name, $0.kind, $0.count.map(String.init) ?? "", $0.summary] }
        } catch {
            return [["–", "–", "–", firstLine(of: error)]]
        }
    }

    private static func names(in folder: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    private static func firstLine(of error: any Error) -> String {
        "\(error)".split(separator: "\n").first.map(String.init) ?? ""
    }
}
