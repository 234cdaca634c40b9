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

    /// The path of what stands beside this folder.
    /// The file of an experiment beside the folder, where it is there.
    public func experiment(named name: String) -> String? {
        beside("experiments/\(name).yaml").flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
    }

    func beside(_ name: String) -> String? {
        path.map { URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent(name).path }
    }
}
