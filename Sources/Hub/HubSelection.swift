import Diagnostics
import Files
import Foundation

/// Which files of a repository are wanted.
public enum HubSelection: Hashable, Sendable {
    /// What a backbone needs: configuration, tokenizer, weights.
    case model
    /// What PEFT writes.
    case adapter
    /// Those whose paths match one of these shell patterns; `*` matches slashes too.
    case files([String])

    private static let adapterFiles = ["adapter_config.json", "adapter_model.safetensors"]

    /// The files that say which others a model is made of, to be fetched first.
    func first(of repository: HubRepository) -> [String] {
        self == .model ? repository.files.filter { $0 == ModelFiles.modules } : []
    }

    /// The files to fetch next.
    ///
    /// - Parameter folder: of the snapshot, where the first ones are
    /// - Throws: a diagnostic where the repository doesn't hold what is wanted, with what it holds.
    func files(of repository: HubRepository, in folder: String) throws -> [String] {
        switch self {
        case .model: try Self.modelFiles(of: repository, ModelFiles(in: folder))
        case .adapter: try Self.adapterFiles(of: repository)
        case .files(let patterns): try Self.matching(patterns, in: repository)
        }
    }

    /// The files that those fetched before name: a sharded model's weights.
    func further(in folder: String) throws -> [String] {
        guard self == .model else { return [] }
        let files = try ModelFiles(in: folder)
        guard !Self.exists(files.weights, in: folder), Self.exists(files.index, in: folder) else { return [] }
        return try Self.shards(files.index, in: folder)
    }

    /// Files that matter where a repository has them.
    func optional(in folder: String) throws -> [String] {
        self == .model ? try ModelFiles(in: folder).optional : []
    }

    /// Whether a snapshot holds all that is wanted, as far as can be told without the hub: a file that would change vectors
    /// is there, or known not to be in the repository.
    public func isComplete(in snapshot: HubSnapshot) -> Bool { missing(in: snapshot) == nil }

    /// A file that is wanted and not there, or not known not to be in the repository; nil where there is none.
    func missing(in snapshot: HubSnapshot) -> String? {
        let folder = snapshot.folder
        switch self {
        case .model:
            if Self.singleGGUF(in: folder) != nil { return nil }
            guard let files = try? ModelFiles(in: folder) else { return ModelFiles.modules }
            if !Self.exists(files.required, in: folder) { return files.required }
            if !Self.exists(files.weights, in: folder) {
                guard Self.exists(files.index, in: folder) else { return files.weights }
                guard let shards = try? Self.shards(files.index, in: folder), !shards.isEmpty else {
                    return files.index
                }
                if let shard = shards.first(where: { !Self.exists($0, in: folder) }) { return shard }
            }
            return files.optional.first { !Self.exists($0, in: folder) && !snapshot.isAbsent($0) }
        case .adapter: return Self.adapterFiles.first { !Self.exists($0, in: folder) }
        case .files(let patterns):
            let files = Self.listing(of: folder)
            return patterns.first { pattern in !files.contains { Self.matches($0, pattern) } }
        }
    }

    /// The only GGUF file in a folder without safetensors; nil where there is none, or a choice.
    static func singleGGUF(in folder: String) -> String? {
        let others = ["model.safetensors", "model.safetensors.index.json", ModelFiles.modules]
        guard !others.contains(where: { exists($0, in: folder) }) else { return nil }
        let files = listing(of: folder).filter { $0.hasSuffix(".gguf") }
        return files.count == 1 ? files[0] : nil
    }

    /// The files that an index of weights names, which lie beside it.
    private static func shards(_ index: String, in folder: String) throws -> [String] {
        let map = try JSONDocument(path: "\(folder)/\(index)").root.required("weight_map")
        let files = try map.members.map { try $0.value.string() }
        let beside = index.split(separator: "/", omittingEmptySubsequences: false).dropLast().map { $0 + "/" }.joined()
        guard let wrong = files.first(where: { !HubCache.isRelativePath($0) }) else {
            return Set(files.map { beside + $0 }).sorted()
        }
        throw map.error("expected the names of files, found \"\(wrong)\"")
    }

    private static func exists(_ file: String, in folder: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(folder)/\(file)")
    }

    /// Paths below a folder; a link counts where it leads to a file.
    private static func listing(of folder: String) -> [String] {
        (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).filter {
            exists($0, in: folder)
        }.sorted()
    }

    private static func matches(_ path: String, _ pattern: String) -> Bool { fnmatch(pattern, path, 0) == 0 }
}

// What a repository must hold.
extension HubSelection {
    private static func matching(_ patterns: [String], in repository: HubRepository) throws -> [String] {
        for pattern in patterns where !repository.files.contains(where: { matches($0, pattern) }) {
            throw missing(pattern, in: repository)
        }
        return repository.files.filter { file in patterns.contains { matches(file, $0) } }
    }

    private static func missing(_ file: String, in repository: HubRepository) -> Diagnostic {
        let nearest = nearestName(to: file, among: repository.files).map { "did you mean \"\($0)\"?" }
        return Diagnostic("\(repository.id) has no file \"\(file)\"", suggestion: nearest ?? holdings(repository))
    }

    /// What there is instead.
    private static func holdings(_ repository: HubRepository) -> String {
        let shown = repository.files.prefix(20).joined(separator: ", ")
        let rest = repository.files.count - 20
        return repository.files.isEmpty ? "it is empty" : "it has \(shown)" + (rest > 0 ? " and \(rest) more" : "")
    }

    private static func adapterFiles(of repository: HubRepository) throws -> [String] {
        for file in adapterFiles where !repository.files.contains(file) {
            if file.hasSuffix(".safetensors"), repository.files.contains("adapter_model.bin") {
                throw Diagnostic(
                    "\(repository.id) has its adapter only as adapter_model.bin, which isn't read: unpickling runs code",
                    suggestion: "convert it to safetensors with PEFT's save_pretrained")
            }
            throw missing(file, in: repository)
        }
        // A head beside it, as sentence-transformers has its layers.
        return adapterFiles + repository.files.filter { $0.contains(/^\d+_Dense\/(config\.json|model\.safetensors)$/) }
    }

    private static func modelFiles(of repository: HubRepository, _ model: ModelFiles) throws -> [String] {
        let files = repository.files
        let ggufs = files.filter { $0.hasSuffix(".gguf") }
        guard files.contains(model.required) else {
            if ggufs.count == 1, !model.isSentenceTransformer { return ggufs }
            if !ggufs.isEmpty {
                throw Diagnostic(
                    "\(repository.id) has \(ggufs.count) GGUF files: \(ggufs.joined(separator: ", "))",
                    suggestion: "choose with --file")
            }
            if files.contains("adapter_config.json") {
                throw Diagnostic(
                    "\(repository.id) is an adapter, not a model", suggestion: "bellm fetch adapter \(repository.id)")
            }
            throw missing(model.required, in: repository)
        }
        let wanted = model.beside
        let beside = files.filter(wanted.contains)
        if let weights = [model.weights, model.index].first(where: files.contains) { return beside + [weights] }
        // A GGUF file says itself all that is read.
        if ggufs.count == 1 { return ggufs }
        throw Diagnostic(
            "\(repository.id) has no safetensors weights; PyTorch's .bin files aren't read: unpickling runs code",
            suggestion: ggufs.isEmpty
                ? "look for a revision or a copy with safetensors" : "choose a GGUF file with --file")
    }
}

extension HubSnapshot {
    /// What a backbone is read from: the folder, or its only GGUF file; nil where it holds no whole model.
    public var modelPath: String? {
        guard HubSelection.model.isComplete(in: self) else { return nil }
        return HubSelection.singleGGUF(in: folder).map { "\(folder)/\($0)" } ?? folder
    }

    /// The folder, where it holds a whole adapter.
    public var adapterPath: String? { HubSelection.adapter.isComplete(in: self) ? folder : nil }
}
