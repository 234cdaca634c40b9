import Diagnostics
import Foundation

/// Where the hub is, where its files are kept, and who asks: the variables of huggingface_hub, with its defaults.
public struct HubEnvironment: Hashable, Sendable {
    /// `HF_ENDPOINT`, without a final slash.
    public var endpoint: String
    public var cache: HubCache
    /// `HF_TOKEN`, else the file that `huggingface-cli login` writes.
    public var token: String?
    /// `HF_HUB_OFFLINE`: nothing is asked of the hub.
    public var isOffline: Bool
    /// `HF_HUB_DOWNLOAD_TIMEOUT`: the seconds that a transfer may stand still.
    public var stallTimeout: Int

    /// Reads the variables. An empty one counts as unset.
    ///
    /// - Throws: for a value that none of them has.
    public init(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws(Diagnostic) {
        let variables = Variables(environment: environment)
        let endpoint = variables["HF_ENDPOINT"] ?? Self.publicEndpoint
        self.endpoint = String(endpoint.reversed().drop { $0 == "/" }.reversed())
        cache = variables.cache
        let isOffline = try variables.isSet("HF_HUB_OFFLINE")
        self.isOffline = try variables.isSet("TRANSFORMERS_OFFLINE") || isOffline
        stallTimeout = try variables.integer("HF_HUB_DOWNLOAD_TIMEOUT", in: 1...86_400) ?? 30
        token = try variables.isSet("HF_HUB_DISABLE_IMPLICIT_TOKEN") ? nil : variables.token
    }

    /// The endpoint as messages have it.
    var shownEndpoint: String { WebAddress.shown(endpoint) }

    /// The cache alone, which any value can name.
    public static func cache(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> HubCache { Variables(environment: environment).cache }

    private static let publicEndpoint = "https://huggingface.co"

    fileprivate static func home(_ environment: [String: String]) -> String {
        environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
    }

    /// With `~` and `$NAME` or `${NAME}` replaced, as huggingface_hub does; an unknown variable stays as it is.
    fileprivate static func expanded(_ path: String, in environment: [String: String]) -> String {
        let isInHome = path == "~" || path.hasPrefix("~/")
        return (isInHome ? home(environment) + path.dropFirst() : path).replacing(/\$(?:\{(\w+)\}|(\w+))/) { match in
            (match.1 ?? match.2).flatMap { environment[String($0)] } ?? String(match.0)
        }
    }
}

/// The variables as they are written.
private struct Variables {
    let environment: [String: String]

    subscript(names: String...) -> String? { names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } }

    func path(_ names: String...) -> String? {
        names.lazy.compactMap { self[$0] }.first.map { HubEnvironment.expanded($0, in: environment) }
    }

    func isSet(_ name: String) throws(Diagnostic) -> Bool {
        guard let text = self[name]?.uppercased() else { return false }
        if ["1", "ON", "YES", "TRUE"].contains(text) { return true }
        if ["0", "OFF", "NO", "FALSE"].contains(text) { return false }
        throw Diagnostic("\(name): expected 1 or 0, found \"\(self[name] ?? "")\"")
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(Diagnostic) -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Diagnostic(
                "\(name): expected a whole number from \(range.lowerBound) to \(range.upperBound), found \"\(text)\"")
        }
        return number
    }

    var home: String {
        path("HF_HOME") ?? (path("XDG_CACHE_HOME") ?? HubEnvironment.home(environment) + "/.cache") + "/huggingface"
    }

    var cache: HubCache { HubCache(path: path("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") ?? home + "/hub") }

    var token: String? {
        let file = path("HF_TOKEN_PATH") ?? home + "/token"
        let text = self["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] ?? (try? String(contentsOfFile: file, encoding: .utf8))
        // A token with a line end in it would become a header of its own.
        return text.map { $0.filter { !$0.isWhitespace } }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
