import Diagnostics
import Files
import Foundation
import Hub
import Tasks
import Weights

/// The models that have a name: `configs/models/NAME.yaml`, whose weights a `make` target puts into the cache, are a file of the
/// user's own, or a repository's of the hub.
public struct ModelCatalogue: Sendable {
    private let configs: ConfigFolder
    private let cache: CacheFolder
    private let hub: HubCache

    public init(
        configs: ConfigFolder, cache: CacheFolder = CacheFolder(), hub: HubCache = HubEnvironment.cache()
    ) {
        self.configs = configs
        self.cache = cache
        self.hub = hub
    }

    public var names: [String] { configs.names(of: .model) }

    /// The endings of model files.
    private static let extensions = [".gguf", ".safetensors"] + WordVectorFile.endings

    /// The model that a text means: a path where it has a slash or ends as a model file does, else a name. What looks
    /// like `org/name` and is no path that exists is a repository of the hub.
    ///
    /// The file need not exist yet: a plan or a validation works without it.
    /// - Parameters:
    ///   - folder: what a relative path starts at; empty for the current folder.
    ///   - location: where the text was written.
    public func model(
        _ text: String, relativeTo folder: String = "", at location: SourceLocation? = nil
    ) throws -> ModelReference {
        if let reference = try hubReference(text, .model, relativeTo: folder, at: location) {
            let name = reference.id.repository.split(separator: "/").last.map(String.init) ?? text
            return ModelReference(
                name: name, file: reference.path ?? hub.folder(of: reference.id.repository), sha256: nil,
                isInCatalogue: false, location: location, hub: reference)
        }
        if text.contains("/") || Self.extensions.contains(where: text.hasSuffix) {
            // A folder's name may have a point in it: Llama-3.2-1B.
            let url = URL(fileURLWithPath: text)
            let isFile = Self.extensions.contains(where: text.hasSuffix)
            let name = (isFile ? url.deletingPathExtension() : url).lastPathComponent
            return ModelReference(
                name: name, file: ConfigSource.resolve(text, in: folder), sha256: nil, isInCatalogue: false,
                location: location)
        }
        let part: ConfigNode
        do {
            part = try configs.part(.model, named: text, at: location)
        } catch var error as Diagnostic where error.location == location {
            let advice =
                "a path to a .gguf file or a model folder works too, and a repository of the hub such as org/name"
            error.suggestion = error.suggestion.map { "\(advice); \($0)" } ?? advice
            throw error
        }
        return try reference(part, name: text, at: location)
    }

    /// The adapter that a text means: the path of a folder, a repository of the hub, or a run of another experiment.
    public func adapter(
        _ text: String, relativeTo folder: String = "", at location: SourceLocation? = nil
    ) throws -> AdapterReference {
        if let run = TrainedRun(text, relativeTo: folder) { return .run(run) }
        if let reference = try hubReference(text, .adapter, relativeTo: folder, at: location) { return .hub(reference) }
        return .folder(ConfigSource.resolve(text, in: folder))
    }

    /// - Returns: nil for a text that isn't written as `org/name` or `org/name@revision`, or is a path that exists.
    private func hubReference(
        _ text: String, _ selection: HubSelection, relativeTo folder: String, at location: SourceLocation?
    ) throws -> HubReference? {
        guard !Self.extensions.contains(where: text.hasSuffix), HubID.isQualified(text),
            !FileManager.default.fileExists(atPath: ConfigSource.resolve(text, in: folder))
        else { return nil }
        return try HubReference(try HubID(text, at: location), selection, in: hub)
    }

    /// - Parameter part: its config
    private func reference(_ part: ConfigNode, name: String, at location: SourceLocation?) throws -> ModelReference {
        var problems = ConfigProblems()
        part.unknownKeys("key of a model", among: Self.keys).forEach { problems.add($0) }
        for key in ["description", "source", "architecture"] {
            _ = try problems.collect { try part[key]?.freeText() }
        }
        let stated = try problems.collect { try part.required("name") }
        if let stated, try problems.collect({ try stated.text() }).map({ $0 != name }) == true {
            problems.add(stated.expected("the file's own name, \"\(name)\""))
        }
        let id = try problems.collect { () throws -> HubID? in
            guard let node = part["hub"] else { return nil }
            return try HubID(node.text("a repository of the hub such as org/name"), at: node.location)
        }
        let place = try problems.collect { try weights(of: part, hub: id ?? nil) }
        let fetchCommand = try problems.collect { () throws -> String? in
            guard let node = part["fetch"] else { return nil }
            guard part["file"] != nil else {
                throw Diagnostic(
                    "bellm fetches what hub names", at: node.location, suggestion: "leave fetch out")
            }
            return try node.text("a command such as make setup")
        }
        let licence = try problems.collect { try part["licence"]?.text("a licence as the hub names it") }
        let ignored = try problems.collect {
            try part["ignore_keys"]?.distinctItems("keys").map { try $0.freeText("a key's name") } ?? []
        }
        let isNormalised = try problems.collect { try part["unit_length"]?.flag() ?? false }
        let method = try ModelMethod(part, isNormalised: isNormalised ?? false, &problems)
        try problems.throwIfAny()
        guard let place else { throw problems }
        var reference: ModelReference
        switch place {
        case .file(let file, let digest):
            reference = ModelReference(
                name: name, file: file, sha256: digest, isInCatalogue: true, location: location)
            reference.origin = (id ?? nil)?.repository
            reference.fetchCommand = fetchCommand ?? nil
        case .hub(let hubReference):
            reference = ModelReference(
                name: name, file: hubReference.path ?? hub.folder(of: hubReference.id.repository), sha256: nil,
                isInCatalogue: true, location: location, hub: hubReference)
        }
        reference.ignoredKeys = Set(ignored ?? [])
        (reference.licence, reference.method) = (licence ?? nil, method)
        // A mistake in it is told by whoever reads the model's config.
        _ = try adapter(of: reference)
        return reference
    }

    /// The adapter that a model of the catalogue has of its own; nil for none.
    package func adapter(of model: ModelReference) throws -> AdapterReference? {
        guard let node = model.method?.adapter else { return nil }
        let adapter = try node.adapter(in: ConfigContext(configs: configs, models: self, tasks: TaskCatalogue()))
        if case .trained = adapter {
            throw Diagnostic("the adapter of a model is one that is there, found one to be trained", at: node.location)
        }
        return adapter
    }

    private enum Weights {
        case file(String, sha256: String?)
        case hub(HubReference)
    }

    /// A file of the cache folder with its digest, one of the user's own, or without either the repository that `hub` names.
    private func weights(of part: ConfigNode, hub id: HubID?) throws -> Weights {
        if let id, part["file"] == nil {
            if let digest = part["sha256"] {
                throw Diagnostic("sha256 is of a file, and the model says none", at: digest.location)
            }
            return .hub(try HubReference(id, .model, in: hub))
        }
        var problems = ConfigProblems()
        let file = try problems.collect { () throws -> (path: String, isInCache: Bool) in
            let node = try part.required("file")
            let path = try node.text("a path in the cache folder, or one that begins with ./, ../, / or ~/")
            let isInCache = !["./", "../", "/", "~/"].contains(where: path.hasPrefix)
            return (isInCache ? cache.file(path) : ConfigSource.resolve(path, in: node.folder), isInCache)
        }
        let digest = try problems.collect { () throws -> String? in
            if let file, !file.isInCache, part["sha256"] == nil { return nil }
            let node = try part.required("sha256")
            let digest = try node.text("64 lower-case hexadecimal digits")
            guard digest.utf8.count == 64, digest.utf8.allSatisfy("0123456789abcdef".utf8.contains) else {
                throw node.expected("64 lower-case hexadecimal digits")
            }
            return digest
        }
        try problems.throwIfAny()
        guard let file, let digest else { throw problems }
        return .file(file.path, sha256: digest)
    }

    private static let keys = [
        "name", "description", "file", "sha256", "fetch", "source", "architecture", "hub", "licence", "ignore_keys",
        "method", "adapter", "unit_length",
    ]
}
