import Diagnostics
import Foundation

/// Reads a YAML file with all that it extends.
///
/// `extends:` is a path or a list of them, relative to the file that says it. Later ones are laid over earlier
/// ones, and the file itself over all.
struct ConfigLoader {
    /// Each file is read once, so that files which extend the same one many times over cost nothing.
    private var loaded: [String: ConfigNode] = [:]
    /// The files that are being read, each extending the next, as they were reached.
    private var chain: [String] = []
    /// By another name, the same files.
    private var beingRead: Set<String> = []

    /// No experiment is explained by more files behind each other; each is laid over all that it extends.
    private static let longestChain = 64

    static func load(_ path: String) throws -> ConfigNode {
        var loader = ConfigLoader()
        return try loader.load(path)
    }

    private mutating func load(_ path: String) throws -> ConfigNode {
        let identity = ConfigSource.canonical(path)
        if let node = loaded[identity] { return node }
        chain.append(path)
        beingRead.insert(identity)
        defer {
            chain.removeLast()
            beingRead.remove(identity)
        }
        var node = try ConfigNode(mappingIn: path)
        if let extends = node["extends"] {
            node.content = .mapping(node.entries.filter { $0.key != "extends" })
            let bases = try Self.paths(extends).map { base in try load(base: base) }
            if let first = bases.first {
                node = bases.dropFirst().reduce(first) { $0.merged(with: $1) }.merged(with: node)
            }
        }
        loaded[identity] = node
        return node
    }

    private mutating func load(base: ConfigNode) throws -> ConfigNode {
        let path = ConfigSource.resolve(try base.text("a path"), in: base.folder)
        var links: String { (chain + [path]).joined(separator: " -> ") }
        guard !beingRead.contains(ConfigSource.canonical(path)) else {
            throw Diagnostic("extends goes in a circle: \(links)", at: base.location)
        }
        guard chain.count < Self.longestChain else {
            throw Diagnostic("expected at most \(Self.longestChain) files that extend each other", at: base.location)
        }
        guard FileManager.default.fileExists(atPath: path) else {
            throw Diagnostic("no such file to extend: \(links)", at: base.location)
        }
        return try load(path)
    }

    private static func paths(_ extends: ConfigNode) throws(Diagnostic) -> [ConfigNode] {
        switch extends.content {
        case .text: [extends]
        case .sequence(let paths): paths
        default: throw extends.expected("a path or a list of paths")
        }
    }
}
