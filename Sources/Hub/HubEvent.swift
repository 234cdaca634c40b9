import Diagnostics

/// What a download tells while it goes on.
public enum HubEvent: Sendable {
    case progress(HubProgress)
    /// Another process has the file; this one waits for it.
    case waiting(file: String)
    /// An attempt failed for a reason that may pass.
    case retrying(reason: String, delay: Duration)
    /// The hub doesn't answer, and what the cache has is taken.
    case unreachable(reason: String)
}

/// How far the download of several files is.
public struct HubProgress: Hashable, Sendable {
    /// The file that is on its way, and its number from 1.
    public var file: String
    public var number: Int
    public var count: Int
    /// Of all files that weren't in the cache, in bytes.
    public var bytes: Int
    /// Of the same; nil where a server doesn't say how long a file is.
    public var totalBytes: Int?
    /// Of `bytes`, those that an earlier download left.
    public var resumedBytes = 0

    /// The bytes of all files; nil where one's size isn't known, or where no disk holds as many.
    static func sum(_ sizes: [Int?]) -> Int? {
        let range = NumberRange.fileSize("the files' sizes")
        return sizes.reduce(0) { total, size in
            guard let total, let size else { return nil }
            return try? range.sum(total, size)
        }
    }
}
