import Diagnostics
import Files
import Foundation
import Synchronization

/// The keys of a model's files, as its readers report them.
final class SeenKeys: Sendable {
    private struct State {
        var files: [FileKeys] = []
        var refusals: [Diagnostic] = []
    }

    private let state = Mutex(State())
    private let ignored: Set<String>

    /// - Parameter ignored: the `ignore_keys` of the model's config
    init(ignoring ignored: Set<String>) { self.ignored = ignored }

    /// For the readers, who go on behind a key that would stop a run.
    var policy: KeyPolicy {
        var policy = KeyPolicy(ignoring: ignored) { self.note($0, $1) }
        policy.stopsAtUnknown = false
        return policy
    }

    /// What stops a run: the first unknown key of each file.
    var refusals: [Diagnostic] { state.withLock(\.refusals) }

    /// A file that is read in two parts, or again, stands here once.
    private func note(_ read: FileKeys, _ refusal: Diagnostic?) {
        state.withLock { state in
            if let refusal, !state.refusals.contains(refusal) { state.refusals.append(refusal) }
            guard let index = state.files.firstIndex(where: { $0.file == read.file }) else {
                return state.files.append(read)
            }
            let paths = Set(read.keys.map(\.path))
            let others = state.files[index].keys.filter { !paths.contains($0.path) }
            state.files[index] = FileKeys(file: read.file, keys: (others + read.keys).map { ($0.path, $0.use) })
        }
    }

    /// All files, those first that were read first, and those of the model's that are not read at all.
    func files(of model: String) -> [FileKeys] {
        let generation = URL(fileURLWithPath: model).appendingPathComponent("generation_config.json").path
        let unread = FileKeys(file: generation, keys: [("*", .withoutEffect(reason: "generating only"))])
        return state.withLock(\.files) + (FileManager.default.fileExists(atPath: generation) ? [unread] : [])
    }
}

extension Inspection.Table {
    /// What is made of each key: those that are read first, then those without effect, then those that are refused.
    ///
    /// - Parameter model: the folder that the files' names are shown from
    init(_ files: [FileKeys], in model: String) {
        let folder = URL(fileURLWithPath: model).path + "/"
        let rows = files.flatMap { file in
            let url = URL(fileURLWithPath: file.file)
            let name = url.path.hasPrefix(folder) ? String(url.path.dropFirst(folder.count)) : url.lastPathComponent
            return file.keys.sorted { $0.use.order < $1.use.order }.map { key in
                [name, key.path, key.use.name, key.use.reason].map(Inspection.Value.text)
            }
        }
        self.init(name: "key table", columns: ["file", "key", "use", "reason"], rows: rows)
    }
}

extension KeyUse {
    fileprivate var order: Int {
        switch self {
        case .read: 0
        case .withoutEffect: 1
        case .ignored: 2
        case .unknown: 3
        }
    }

    fileprivate var name: String {
        switch self {
        case .read: "read"
        case .withoutEffect: "without effect"
        case .ignored: "ignored"
        case .unknown: "refused"
        }
    }

    fileprivate var reason: String {
        switch self {
        case .read: ""
        case .withoutEffect(let reason): reason
        case .ignored: "the model's config says so"
        case .unknown: "what it changes is not known"
        }
    }
}
