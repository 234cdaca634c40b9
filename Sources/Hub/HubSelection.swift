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

    private static let index = "model.safetensors.index.json"
    private static let weights = "model.safetensors"
    private static let adapterFiles = ["adapter_config.json", "adapter_model.safetensors"]
    /// Beside the weights; those that are missing aren't needed.
    private static let modelFiles: Set<String> = [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json",
        "special_tokens_map.json", "added_tokens.json", "vocab.txt", "vocab.json", "merges.txt", "modules.json",
        "config_sentence_transformers.json", "sentence_bert_config.json",
    ]

    /// The files to fetch first; `further` says which of them name others.
    ///
    /// - Throws: a diagnostic where the repository doesn't hold what is wanted, with what it holds.
    func files(of repository: HubRepository) throws -> [String] {
        switch self {
        case .model: try Self.modelFiles(of: repository)
        case .adapter: try Self.adapterFiles(of: repository)
        case .files(let patterns): try Self.matching(patterns, in: repository)
        }
    }

    /// The files that those fetched first name: a sharded model's weights.
    func further(in folder: String) throws -> [String] {
        guard self == .model, !Self.exists(Self.weights, in: folder), Self.exists(Self.index, in: folder) else {
            return []
        }
        return try Self.shards(in: folder)
    }

    /// Whether a folder holds all that is wanted, as far as can be told without the hub.
    public func isComplete(in folder: String) -> Bool {
        switch self {
        case .model:
            let isSentenceTransformer = Self.exists("modules.json", in: folder)
            if Self.singleGGUF(in: folder) != nil { return true }
            guard isSentenceTransformer || Self.exists("config.json", in: folder) else { return false }
            if Self.exists(Self.weights, in: folder) { return true }
            guard Self.exists(Self.index, in: folder) else { return isSentenceTransformer && hasModules(in: folder) }
            guard let shards = try? Self.shards(in: folder) else { return false }
            return !shards.isEmpty && shards.allSatisfy { Self.exists($0, in: folder) }
        case .adapter: return Self.adapterFiles.allSatisfy { Self.exists($0, in: folder) }
        case .files(let patterns):
            let files = Self.listing(of: folder)
            return patterns.allSatisfy { pattern in files.contains { Self.matches($0, pattern) } }
        }
    }

    /// Whether a module of a sentence-transformers folder has weights of its own.
    private func hasModules(in folder: String) -> Bool {
        Self.listing(of: folder).contains { $0.wholeMatch(of: Self.moduleFile) != nil && $0.hasSuffix(Self.weights) }
    }

    /// The only GGUF file in a folder without safetensors; nil where there is none, or a choice.
    static func singleGGUF(in folder: String) -> String? {
        guard !exists(weights, in: folder), !exists(index, in: folder) else { return nil }
        let files = listing(of: folder).filter { $0.hasSuffix(".gguf") }
        return files.count == 1 ? files[0] : nil
    }

    private static func shards(in folder: String) throws -> [String] {
        let map = try JSONDocument(path: "\(folder)/\(index)").root.required("weight_map")
        let files = try map.members.map { try $0.value.string() }
        guard let wrong = files.first(where: { !HubCache.isRelativePath($0) }) else { return Set(files).sorted() }
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

    private static func modelFiles(of repository: HubRepository) throws -> [String] {
        let files = repository.files
        let ggufs = files.filter { $0.hasSuffix(".gguf") }
        let isSentenceTransformer = files.contains("modules.json")
        guard files.contains("config.json") || isSentenceTransformer else {
            if ggufs.count == 1 { return ggufs }
            if !ggufs.isEmpty {
                throw Diagnostic(
                    "\(repository.id) has \(ggufs.count) GGUF files: \(ggufs.joined(separator: ", "))",
                    suggestion: "choose with --file")
            }
            if files.contains("adapter_config.json") {
                throw Diagnostic(
                    "\(repository.id) is an adapter, not a model", suggestion: "bellm fetch adapter \(repository.id)")
            }
            throw missing("config.json", in: repository)
        }
        let small = files.filter { modelFiles.contains($0) || $0.wholeMatch(of: moduleFile) != nil }
        if files.contains(weights) { return small + [weights] }
        if files.contains(index) { return small + [index] }
        if isSentenceTransformer, small.contains(where: { $0.hasSuffix(weights) }) { return small }
        if ggufs.count == 1 { return small + ggufs }
        throw Diagnostic(
            "\(repository.id) has no safetensors weights; PyTorch's .bin files aren't read: unpickling runs code",
            suggestion: ggufs.isEmpty
                ? "look for a revision or a copy with safetensors" : "choose a GGUF file with --file")
    }

    /// What the modules of sentence-transformers keep in their folders: `1_Pooling/config.json`.
    private static var moduleFile: Regex<Substring> {
        /[0-9]+_[A-Za-z0-9]+\/(?:config\.json|model\.safetensors|tokenizer\.json|vocab\.txt|tokenizer_config\.json)/
    }
}

extension HubSnapshot {
    /// What a backbone is read from: the folder, or its only GGUF file; nil where it holds no whole model.
    public var modelPath: String? {
        guard HubSelection.model.isComplete(in: folder) else { return nil }
        return HubSelection.singleGGUF(in: folder).map { "\(folder)/\($0)" } ?? folder
    }

    /// The folder, where it holds a whole adapter.
    public var adapterPath: String? { HubSelection.adapter.isComplete(in: folder) ? folder : nil }
}
