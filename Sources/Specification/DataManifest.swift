import Diagnostics
import Files
import Foundation
import Hub

/// The files of a data set, where they are to be had, and what they hash to: `configs/data/NAME.yaml`.
public struct DataManifest: Sendable {
    public let name: String
    public let files: [MirroredFile]

    /// - Throws: `ConfigProblems` with everything that is wrong in the file; a diagnostic with the names that there are.
    public init(named name: String, in configs: ConfigFolder) throws {
        try self.init(configs.part(.data, named: name, at: nil), name: name)
    }

    private init(_ root: ConfigNode, name: String) throws {
        var problems = ConfigProblems()
        root.unknownKeys("key of a data manifest", among: ["description", "mirrors", "files"]).forEach {
            problems.add($0)
        }
        _ = try problems.collect { try root["description"]?.freeText() }
        var mirrors: [String: [String]] = [:]
        for entry in try problems.collect({ try root.required("mirrors").mapping() }) ?? [] {
            mirrors[entry.key] = try problems.collect {
                try entry.value.oneOrMore("addresses that paths are put behind")
            }
        }
        var files: [MirroredFile] = []
        for node in try problems.collect({ try root.required("files").list(of: "files") }) ?? [] {
            let file = try problems.collect { try Self.file(node, mirrors: mirrors) }
            if let file { files.append(file) }
        }
        try problems.throwIfAny()
        (self.name, self.files) = (name, files)
    }

    private static func file(_ node: ConfigNode, mirrors: [String: [String]]) throws -> MirroredFile {
        if let unknown = node.unknownKeys("key of a file", among: ["path", "sha256", "size", "from"]).first {
            throw unknown
        }
        let path = try node.required("path")
        let relative = try path.text("a path below the data folder")
        guard !relative.hasPrefix("/"), !relative.split(separator: "/").contains("..") else {
            throw path.expected("a path below the data folder")
        }
        var file = MirroredFile(path: relative, addresses: [], sha256: nil)
        file.sha256 = try node["sha256"].map { digest in
            let text = try digest.text("64 lower-case hexadecimal digits")
            guard text.wholeMatch(of: /[0-9a-f]{64}/) != nil else {
                throw digest.expected("64 lower-case hexadecimal digits")
            }
            return text
        }
        file.size = try node["size"].map { try NumberRange.fileSize("size").check($0.integer(), at: $0.location) }
        file.addresses = try node.required("from").mapping().flatMap { entry in
            guard let bases = mirrors[entry.key] else {
                throw Diagnostic.unknown("mirror", entry.key, among: mirrors.keys.sorted(), at: entry.value.location)
            }
            let paths = try entry.value.oneOrMore("paths on the mirror")
            return bases.flatMap { base in paths.map { "\(base)/\($0)" } }
        }
        return file
    }

    /// `BELLM_DATA`, else `data` in the cache.
    public static func defaultFolder(
        environment: [String: String] = ProcessInfo.processInfo.environment, cache: CacheFolder = CacheFolder()
    ) -> String {
        environment["BELLM_DATA"].flatMap { $0.isEmpty ? nil : $0 } ?? cache.file("data")
    }
}

extension ConfigNode {
    /// A text, or a list of them.
    fileprivate func oneOrMore(_ expectation: String) throws(Diagnostic) -> [String] {
        if case .text(let text) = content { return [text] }
        var texts: [String] = []
        for node in try list(of: expectation) { texts.append(try node.text(expectation)) }
        return texts
    }
}
