import Foundation

/// The user's own folder, whose name is nobody else's business.
public enum HomeFolder {
    /// `HOME`, else what the system knows.
    public static var path: String {
        ProcessInfo.processInfo.environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
    }

    /// A path with `~` for the home folder, as results, reports and exports have it.
    public static func abbreviated(_ path: String, home: String = HomeFolder.path) -> String {
        let named = URL(fileURLWithPath: home).standardizedFileURL
        for home in Set([home, named.path, named.resolvingSymlinksInPath().path]) where home.count > 1 {
            if path.hasPrefix(home + "/") { return "~" + path.dropFirst(home.count) }
        }
        return path
    }

    /// The path that an abbreviated one means.
    public static func expanded(_ path: String, home: String = HomeFolder.path) -> String {
        path.hasPrefix("~/") ? home + path.dropFirst() : path
    }
}
