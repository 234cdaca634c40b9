import Diagnostics
import Foundation

/// The folder of shared parts: `models/NAME.yaml`, `prompts/NAME.yaml`, `tasks/NAME.yaml`, `training/NAME.yaml`
/// and `data/NAME.yaml`.
public struct ConfigFolder: Hashable, Sendable {
    /// Nil where none was found; that is an error only once a name is looked up.
    public let path: String?

    public init(path: String?) { self.path = path }

    /// `BELLM_CONFIGS`, else the nearest `configs` above the experiment file, the current folder or the program.
    ///
    /// - Throws: where `BELLM_CONFIGS` names no folder.
    public static func find(
        for experiment: String, environment: [String: String] = ProcessInfo.processInfo.environment,
        program: String? = Bundle.main.executablePath
    ) throws(Diagnostic) -> ConfigFolder {
        if let path = environment["BELLM_CONFIGS"], !path.isEmpty {
            guard isFolder(path) else {
                throw Diagnostic("BELLM_CONFIGS is not a folder", at: SourceLocation(file: path))
            }
            return ConfigFolder(path: path)
        }
        let starts = [experiment, FileManager.default.currentDirectoryPath + "/x", program].compactMap(\.self)
        return ConfigFolder(path: starts.lazy.compactMap(nearest(above:)).first)
    }

    private static func nearest(above file: String) -> String? {
        var folder = URL(fileURLWithPath: file).standardizedFileURL.deletingLastPathComponent()
        while true {
            let candidate = folder.appendingPathComponent("configs").path
            if isFolder(candidate + "/models") || isFolder(candidate + "/prompts") { return candidate }
            if folder.path == "/" { return nil }
            folder.deleteLastPathComponent()
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// The folders that come with the program: found above it, or above the current folder.
    static func shipped(program: String?) -> [ConfigFolder] {
        [FileManager.default.currentDirectoryPath + "/x", program].compactMap(\.self).compactMap(nearest(above:)).map {
            ConfigFolder(path: $0)
        }
    }

    /// The names of one kind of part, sorted.
    public func names(of kind: Kind) -> [String] {
        let files = path.flatMap { try? FileManager.default.contentsOfDirectory(atPath: "\($0)/\(kind.folder)") } ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// Reads the part of that name.
    func part(_ kind: Kind, named name: String, at location: SourceLocation?) throws -> ConfigNode {
        guard let path else {
            throw Diagnostic(
                "cannot look up the \(kind.rawValue) \"\(name)\": "
                    + "no folder configs above the experiment, the current folder or the program",
                at: location, suggestion: "set BELLM_CONFIGS")
        }
        let names = names(of: kind)
        guard names.contains(name) else { throw Diagnostic.unknown(kind.rawValue, name, among: names, at: location) }
        return try ConfigNode(mappingIn: "\(path)/\(kind.folder)/\(name).yaml")
    }

    public enum Kind: String, Sendable {
        case model
        case prompt
        case task
        /// A recipe.
        case training
        /// Files that `bellm fetch data` gets.
        case data

        var folder: String { self == .training || self == .data ? rawValue : rawValue + "s" }
    }
}
