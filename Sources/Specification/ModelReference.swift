import Diagnostics
import Embedding
import Files
import Foundation
import Hub

/// A backbone that an experiment names: where its file is and what it must hash to.
public struct ModelReference: Hashable, Sendable {
    /// The catalogue's name, or the path's file name without its extension.
    public let name: String
    /// The weights' file, or the model's folder; of a model that isn't downloaded yet, where it would be.
    public let file: String
    /// What the file must hash to, 64 lower-case hexadecimal digits; nil for a model named by its path.
    public let sha256: String?
    /// Whether the name is the catalogue's.
    public let isInCatalogue: Bool
    /// Where it was named.
    public let location: SourceLocation?
    /// The repository that it comes from; nil for a model that was named otherwise.
    public var hub: HubReference?
    /// Keys of its files that may be passed over though nobody here knows them: `ignore_keys` of its config.
    public var ignoredKeys: Set<String> = []

    /// The repository of the hub with its float weights, which a catalogue names for a file from elsewhere.
    package var origin: String?
    /// What a user runs to have its file in the cache folder, such as `make setup`; nil where its config doesn't say.
    package var fetchCommand: String?
    /// As the hub names it, such as `apache-2.0`; nil where the catalogue doesn't say.
    package var licence: String?

    /// What its config says of the method that it was released with; nil for nothing.
    public var method: ModelMethod?

    /// Stands for one of which only the content counts.
    static let nowhere = ModelReference(name: "", file: "", sha256: nil, isInCatalogue: true, location: nil)

    /// Whether it is one of the hub that isn't downloaded yet.
    public var isMissing: Bool { hub.map { $0.path == nil } ?? false }

    /// Whether the path is that of a folder in Hugging Face's layout.
    private var hasConfiguration: Bool {
        SentenceTransformerFolder.isOne(file)
            || FileManager.default.fileExists(
                atPath: URL(fileURLWithPath: file).appendingPathComponent("config.json").path)
    }

    /// The path of the file or folder.
    ///
    /// - Throws: where there is no such file, with what to do about it.
    public func existingFile() throws(Diagnostic) -> String {
        if let hub { return try hub.existingPath(at: location) }
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: file, isDirectory: &isFolder)
        if exists, !isFolder.boolValue || hasConfiguration { return file }
        if exists {
            throw Diagnostic("expected a model, found a folder without config.json: \(file)", at: location)
        }
        if isInCatalogue {
            throw Diagnostic(
                "the file of the model \"\(name)\" is not in the cache: \(file)", at: location,
                suggestion: fetchCommand.map { "run \($0)" })
        }
        throw Diagnostic("no such model file: \(file)", at: location)
    }

    /// - Throws: where its weights don't hash to what the catalogue says.
    package func check(weightsSHA256 found: String) throws(Diagnostic) {
        guard let sha256, sha256 != found else { return }
        throw Diagnostic(
            "the model \"\(name)\" should have SHA-256 \(sha256), its file has \(found)",
            at: SourceLocation(file: file),
            suggestion: fetchCommand.map { "delete the file and run \($0)" })
    }

    /// The model, opened.
    ///
    /// - Throws: where there is no such file, or it can't be read.
    public func open() throws -> PretrainedModel {
        try PretrainedModel(path: existingFile(), ignoring: KeyPolicy(ignoring: ignoredKeys))
    }

    /// What an experiment file says to mean this model, wherever that file is. Keys that are passed over are known by its name alone.
    var spelling: String {
        if isInCatalogue, hub == nil || !ignoredKeys.isEmpty { return name }
        return hub?.spelling ?? ConfigSource.spelling(of: file)
    }
}
