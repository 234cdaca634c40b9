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
    public init(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
        func variable(_ names: String...) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        func path(_ names: String...) -> String? {
            names.lazy.compactMap { variable($0) }.first.map { Self.expanded($0, in: environment) }
        }
        func isSet(_ name: String) -> Bool {
            ["1", "ON", "YES", "TRUE"].contains(environment[name, default: ""].uppercased())
        }
        let caches = path("XDG_CACHE_HOME") ?? Self.home(environment) + "/.cache"
        let home = path("HF_HOME") ?? caches + "/huggingface"
        let endpoint = variable("HF_ENDPOINT") ?? Self.publicEndpoint
        self.endpoint = String(endpoint.reversed().drop { $0 == "/" }.reversed())
        cache = HubCache(path: path("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") ?? home + "/hub")
        isOffline = isSet("HF_HUB_OFFLINE") || isSet("TRANSFORMERS_OFFLINE")
        stallTimeout = variable("HF_HUB_DOWNLOAD_TIMEOUT").flatMap { Int($0) }.map { min(max(1, $0), 86_400) } ?? 30
        if isSet("HF_HUB_DISABLE_IMPLICIT_TOKEN") {
            token = nil
        } else {
            let file = path("HF_TOKEN_PATH") ?? home + "/token"
            let text =
                variable("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN") ?? (try? String(contentsOfFile: file, encoding: .utf8))
            // A token with a line end in it would become a header of its own.
            token = text.map { $0.filter { !$0.isWhitespace } }.flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    private static let publicEndpoint = "https://huggingface.co"

    private static func home(_ environment: [String: String]) -> String {
        environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
    }

    /// With `~` and `$NAME` or `${NAME}` replaced, as huggingface_hub does; an unknown variable stays as it is.
    private static func expanded(_ path: String, in environment: [String: String]) -> String {
        let isInHome = path == "~" || path.hasPrefix("~/")
        return (isInHome ? home(environment) + path.dropFirst() : path).replacing(/\$(?:\{(\w+)\}|(\w+))/) { match in
            (match.1 ?? match.2).flatMap { environment[String($0)] } ?? String(match.0)
        }
    }
}
