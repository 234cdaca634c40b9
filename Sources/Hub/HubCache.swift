import Diagnostics
import Files
import Foundation

/// The folder that huggingface_hub keeps repositories in, in its layout:
///
///     models--org--name/blobs/ETAG                  contents
///     models--org--name/refs/main                   the commit that a revision meant
///     models--org--name/snapshots/COMMIT/FILE       relative links to blobs
///     models--org--name/.no_exist/COMMIT/FILE       empty: the commit is known not to have the file
///     models--org--name/trees/COMMIT.json           the commit's files, which its snapshot_download notes
///     .locks/models--org--name/ETAG.lock
public struct HubCache: Hashable, Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    /// The folder of a repository.
    public func folder(of repository: String) -> String { "\(path)/\(Self.folderName(repository))" }

    static func folderName(_ repository: String) -> String {
        "models--" + repository.replacing("/", with: "--")
    }

    /// The repositories that are here, in whole or in part.
    public var repositories: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasPrefix("models--") }.map {
            String($0.dropFirst("models--".count).replacing("--", with: "/"))
        }.sorted()
    }

    /// More than a commit's digits is none.
    private static let refLimit = ByteLimit("a commit", 1 << 10)

    /// The commit that a revision is known to mean: itself where it is a whole commit.
    ///
    /// - Throws: where what says it is a link out of the cache.
    func commit(of id: HubID) throws(Diagnostic) -> String? {
        if Self.isCommit(id.revision) { return id.revision }
        let path = "\(folder(of: id.repository))/refs/\(id.revision)"
        try checkLink(path, in: id.repository)
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return (try? TextFile.text(of: path, atMost: Self.refLimit))?.trimmingBlanks
    }

    static func isCommit(_ text: String) -> Bool { text.wholeMatch(of: /[0-9a-f]{40}/) != nil }

    func snapshotFolder(_ repository: String, commit: String) -> String {
        "\(folder(of: repository))/snapshots/\(commit)"
    }

    /// What is here of a revision; nil for nothing.
    ///
    /// - Throws: where a link of it leads out of the cache.
    public func snapshot(of id: HubID) throws(Diagnostic) -> HubSnapshot? {
        guard let commit = try commit(of: id), Self.isRelativePath(commit) else { return nil }
        let folder = snapshotFolder(id.repository, commit: commit)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            return nil
        }
        try checkLinks(of: commit, in: id.repository)
        return HubSnapshot(id: id, commit: commit, folder: folder)
    }

    /// A snapshot's files are links to the repository's blobs, or files; whatever else a link leads to isn't the hub's, and no
    /// more where it stands in the place of a folder or of a note.
    ///
    /// - Throws: where one that a commit is read by, or written through, leads out of the repository's folder. The cache and that
    ///   folder may be links: those are the user's, who keeps them on another disk.
    func checkLinks(of commit: String, in repository: String) throws(Diagnostic) {
        let folder = folder(of: repository)
        for name in ["blobs", "trees/\(commit).json"] { try checkLink("\(folder)/\(name)", in: repository) }
        for name in ["refs", "snapshots/\(commit)", ".no_exist/\(commit)"] {
            let whole = "\(folder)/\(name)"
            try checkLink(whole, in: repository)
            for case let name as String in FileManager.default.enumerator(atPath: whole)?.allObjects ?? [] {
                let path = FilePath.join(whole, name)
                var status = stat()
                if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK {
                    try checkLink(path, in: repository)
                }
            }
        }
    }

    private func checkLink(_ path: String, in repository: String) throws(Diagnostic) {
        let folder = folder(of: repository)
        guard let root = Self.resolved(folder) else { return }
        var place = path
        // What isn't there is made where the folder that it will be in leads.
        while Self.resolved(place) == nil, place != folder { place = FilePath.folder(of: place) }
        guard let resolved = Self.resolved(place), resolved != root, !resolved.hasPrefix(root + "/") else { return }
        throw Diagnostic(
            "a link leads out of the hub's cache, to \(resolved); it is not followed",
            at: SourceLocation(file: place),
            suggestion: "delete it and fetch the repository again, or name the folder with the files as the model")
    }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Notes which commit a branch or a tag means.
    func note(_ commit: String, for id: HubID) throws {
        guard id.revision != commit, try self.commit(of: id) != commit else { return }
        try AtomicFile.replace("\(folder(of: id.repository))/refs/\(id.revision)", with: commit)
    }

    /// Notes that a commit hasn't a file.
    func noteAbsence(of file: String, in repository: String, commit: String) throws {
        let path = HubSnapshot.absencePath(of: file, in: folder(of: repository), commit: commit)
        guard !FileManager.default.fileExists(atPath: path) else { return }
        try AtomicFile.createFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        try AtomicFile.replace(path, with: "")
    }

    /// Makes a content appear as a file of a snapshot, in place of what is there.
    func link(_ file: String, in repository: String, commit: String, to blob: String) throws {
        let path = "\(snapshotFolder(repository, commit: commit))/\(file)"
        try AtomicFile.createFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        let up = String(repeating: "../", count: 2 + file.count { $0 == "/" })
        let temporary = try AtomicFile.temporaryPath(replacing: path)
        guard symlink("\(up)blobs/\(blob)", temporary) == 0 else { throw Diagnostic.system("cannot link", path) }
        guard rename(temporary, path) == 0 else {
            defer { unlink(temporary) }
            throw Diagnostic.system("cannot link", path)
        }
    }

    /// Whether a text of a server or a user can be a path below a folder: it doesn't leave it, and names something.
    static func isRelativePath(_ text: String) -> Bool {
        !text.isEmpty && text.visible() == text && !text.utf8.contains(UInt8(ascii: "\\"))
            && text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                !$0.isEmpty && $0 != "." && $0 != ".."
            }
    }
}

/// The files of a repository at a commit, as far as they are in the cache.
public struct HubSnapshot: Hashable, Sendable {
    public let id: HubID
    /// 40 hexadecimal digits.
    public let commit: String
    public let folder: String

    /// Whether the repository is known not to have a file at that commit.
    func isAbsent(_ file: String) -> Bool {
        let repository = URL(fileURLWithPath: folder).deletingLastPathComponent().deletingLastPathComponent().path
        let mark = Self.absencePath(of: file, in: repository, commit: commit)
        if FileManager.default.fileExists(atPath: mark) { return true }
        guard let list = try? JSONDocument(path: "\(repository)/trees/\(commit).json").root,
            (try? list["format_version"]?.integer()) == 1, let files = list["files"], files.kind == .object
        else { return false }
        return files.member(file) == nil
    }

    static func absencePath(of file: String, in repository: String, commit: String) -> String {
        "\(repository)/.no_exist/\(commit)/\(file)"
    }

    /// The id with the commit for a revision: what it means never changes.
    public var pinned: String { "\(id.repository)@\(commit)" }
}
