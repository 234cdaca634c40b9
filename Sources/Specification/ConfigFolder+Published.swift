import Diagnostics
import Foundation
import Results

extension ConfigFolder {
    /// The published scores: `results/reference/published.yaml` beside this folder.
    ///
    /// - Parameter location: where a published row is asked for.
    func publishedValues(at location: SourceLocation) throws -> PublishedValues {
        let name = "results/reference/published.yaml"
        guard let file = beside(name) else {
            throw Diagnostic(
                "cannot look up published rows: no folder configs above the experiment, the current folder or the "
                    + "program, so no \(name) beside it", at: location, suggestion: "set BELLM_CONFIGS")
        }
        guard FileManager.default.fileExists(atPath: file) else {
            throw Diagnostic("cannot look up published rows: no such file \(file)", at: location)
        }
        return try PublishedValues(contentsOf: file)
    }

    /// The file of an experiment beside the folder, where it is there.
    public func experiment(named name: String) -> String? {
        guard !name.isEmpty, !name.contains("/") else { return nil }
        return beside("experiments/\(name).yaml").flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
    }

    /// The names of the experiments beside the folder.
    private var experimentNames: [String] {
        let files = beside("experiments").flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0) } ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// The experiment's file: as it is named, or that of one that `bellm list experiments` names.
    ///
    /// - Throws: where there is neither, with what was probably meant.
    public static func experimentFile(named name: String) throws(Diagnostic) -> String {
        guard !FileManager.default.fileExists(atPath: name) else { return name }
        let configs = try? find(for: ".")
        if let listed = configs?.experiment(named: name) { return listed }
        let word = URL(fileURLWithPath: name).deletingPathExtension().lastPathComponent
        let guess = nearestName(to: word, among: configs?.experimentNames ?? [])
        throw Diagnostic(
            "no such file", at: SourceLocation(file: name),
            suggestion: guess.map { "did you mean \"\($0)\", an experiment that is listed?" })
    }

    /// The path of what stands beside this folder.
    func beside(_ name: String) -> String? {
        path.map { URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent(name).path }
    }
}
