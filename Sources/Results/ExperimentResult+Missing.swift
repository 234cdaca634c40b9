import Diagnostics
import Foundation

extension ExperimentResult {
    /// Throws where there is no such file, with the result that was probably meant: one of that name beside it or in the
    /// folder `results`, where runs leave theirs.
    static func refuseMissing(_ path: String) throws(Diagnostic) {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        let folder = (path as NSString).deletingLastPathComponent
        let files = [folder, "results"].flatMap { folder in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
            return names.filter { $0.hasSuffix(ending) }.sorted().map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
        }
        let word = bareName(path)
        let guess = nearestName(to: word, among: files.map(bareName)).flatMap { name in
            files.first { bareName($0) == name }
        }
        throw Diagnostic(
            "no such file", at: SourceLocation(file: path), suggestion: guess.map { "did you mean \"\($0)\"?" })
    }

    private static let ending = ".h5"

    private static func bareName(_ path: String) -> String {
        let name = (path as NSString).lastPathComponent
        return name.hasSuffix(ending) ? String(name.dropLast(ending.count)) : name
    }
}
