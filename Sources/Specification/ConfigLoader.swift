import Diagnostics
import Foundation

/// Reads a YAML file with all that it extends.
///
/// `extends:` is a path or a list of them, relative to the file that says it. Later ones are laid over earlier
/// ones, and the file itself over all.
struct ConfigLoader {
    /// Each file is read once, so that files which extend the same one many times over cost nothing.
    private var loaded: [String: ConfigNode] = [:]

    static func load(_ path: String) throws -> ConfigNode {
        var loader = ConfigLoader()
        return try loader.load(path, chain: [path])
    }

    /// - Parameter chain: the files from the first to this one, each extending the next.
    private mutating func load(_ path: String, chain: [String]) throws -> ConfigNode {
        let identity = ConfigSource.canonical(path)
        if let node = loaded[identity] { return node }
        var node = try ConfigNode(mappingIn: path)
        if let extends = node["extends"] {
            node.content = .mapping(node.entries.filter { $0.key != "extends" })
            let bases = try Self.paths(extends).map { base in try load(base, chain: chain) }
            if let first = bases.first {
                node = bases.dropFirst().reduce(first) { $0.merged(with: $1) }.merged(with: node)
            }
        }
        loaded[identity] = node
        return node
    }

    private mutating func load(_ base: ConfigNode, chain: [String]) throws -> ConfigNode {
        let path = ConfigSource.resolve(try base.text("a path"), in: base.folder)
        let links = (chain + [path]).joined(separator: " -> ")
        guard !chain.map(ConfigSource.canonical).contains(ConfigSource.canonical(path)) else {
            throw Diagnostic("extends goes in a circle: \(links)", at: base.location)
        }
        guard FileManager.default.fileExists(atPath: path) else {
            throw Diagnostic("no such file to extend: \(links)", at: base.location)
        }
        return try load(path, chain: chain + [path])
    }

    private static func paths(_ extends: ConfigNode) throws(Diagnostic) -> [ConfigNode] {
        switch extends.content {
        case .text: [extends]
        case .sequence(let paths): paths
        default: throw extends.expected("a path or a list of paths")
        }
    }
}
