import Diagnostics
import Foundation
import Synchronization

extension OutputDestination {
    /// Room that any result needs: where not even this is left, nothing can be written after hours of work.
    private static let leastRoom = 1 << 16

    /// Tries before hours of work that their result can be written: that the node may be written to, or that a file of
    /// the name's length, with something in it, can be made beside it. Leaves nothing behind, and removes what earlier
    /// processes that were killed did.
    ///
    /// - Parameter cache: whose files are the program's own: nothing in it is a user's to write
    public func check(cache: CacheFolder = CacheFolder()) throws {
        try refuse(below: cache)
        guard !isStream else {
            guard isDescriptor || access(target, W_OK) == 0 else { throw Diagnostic.system("cannot write", path) }
            _ = try TemporaryFile.folder()
            return
        }
        try refuseStandardStreams()
        try checkReplaceable()
        var folder = FilePath.folder(of: target)
        // What is missing is made when the result is there.
        while folder != "/", folder != ".", access(folder, F_OK) != 0, errno == ENOENT {
            var status = stat()
            // No folder can be made where a link stands that leads nowhere.
            guard lstat(folder, &status) != 0 else {
                throw Diagnostic(
                    "cannot write to the folder \(folder): it is a link that leads nowhere",
                    at: SourceLocation(file: path), suggestion: "make the folder that it leads to")
            }
            folder = FilePath.folder(of: folder)
        }
        TemporaryFile.sweep(folder)
        let probe = TemporaryFile.path(beside: FilePath.join(folder, FilePath.name(of: target)))
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Diagnostic.system("cannot write to the folder \(folder)", path) }
        defer {
            close(descriptor)
            unlink(probe)
        }
        let status = posix_fallocate(descriptor, 0, off_t(Self.leastRoom))
        // A file system that can't reserve says so; it isn't full.
        guard [0, EOPNOTSUPP, EINVAL].contains(status) else {
            errno = status
            throw Diagnostic.system("cannot write to the folder \(folder)", path)
        }
    }

    /// Throws where what is printed goes to the file that is to be replaced: it would be lost.
    private func refuseStandardStreams() throws(Diagnostic) {
        guard let identity else { return }
        for (descriptor, name) in [(STDOUT_FILENO, "standard output"), (STDERR_FILENO, "standard error")]
        where FileIdentity(descriptor: descriptor) == identity {
            throw Diagnostic(
                "cannot write here: \(name) goes to the same file", at: SourceLocation(file: path),
                suggestion: "send it elsewhere, or name another file to write")
        }
    }

    /// Throws where another user's file, or one that may not change, stands where the output goes: one can be made beside it, but
    /// not take its place.
    private func checkReplaceable() throws(Diagnostic) {
        var (file, folder) = (stat(), stat())
        guard stat(target, &file) == 0, stat(FilePath.folder(of: target), &folder) == 0 else { return }
        let place = SourceLocation(file: path)
        let user = geteuid()
        if folder.st_mode & S_ISVTX != 0, user != 0, ![file.st_uid, folder.st_uid].contains(user) {
            throw Diagnostic(
                "cannot replace the file of another user: its folder lets each remove only their own", at: place,
                suggestion: "name another file to write")
        }
        let descriptor = open(target, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var flags = 0
        // A file system without such flags says so.
        guard ioctl(descriptor, Self.readFlags, &flags) == 0, flags & Self.unchangeable != 0 else { return }
        throw Diagnostic(
            "cannot replace the file: it is marked as one that may not change (lsattr)", at: place,
            suggestion: "name another file to write")
    }

    /// Linux's `FS_IOC_GETFLAGS`, and `FS_IMMUTABLE_FL` with `FS_APPEND_FL`.
    private static let readFlags = UInt(0x8008_6601)
    private static let unchangeable = 0x30

    private static let reserved = Mutex<[String]>([])

    /// Keeps outputs out of one more folder, whose files are programs' alone.
    public static func reserve(folder: String) { reserved.withLock { $0.append(folder) } }

    private func refuse(below cache: CacheFolder) throws(Diagnostic) {
        let own = folders
        for folder in [cache.path] + Self.reserved.withLock(\.self) {
            guard let identity = FileIdentity(ofFolder: folder), own.contains(identity) else { continue }
            let owner = folder == cache.path ? "the program's own" : "for what the hub has"
            throw Diagnostic(
                "cannot write here: it is in the cache folder \(folder), which is \(owner)",
                at: SourceLocation(file: path), suggestion: "name a file elsewhere")
        }
    }

    /// The folders that the file would be in, whatever names and links lead there, from its own to the root: those that the
    /// path goes through as it is written, and those that the place itself is in.
    private var folders: [FileIdentity] {
        guard !isStream else { return [] }
        return (Set([target, path].flatMap(Self.folders)).compactMap(\.self))
    }

    private static func folders(of path: String) -> [FileIdentity?] {
        let folder = FilePath.folder(of: path)
        var place = Self.resolved(folder.hasPrefix("/") ? "/" : ".") ?? "/"
        var found: [FileIdentity?] = []
        // One part at a time: a folder that isn't there yet will be made, and `..` behind it leads back.
        for part in folder.split(separator: "/") where part != "." {
            place = part == ".." ? FilePath.folder(of: place) : FilePath.join(place, String(part))
            place = Self.resolved(place) ?? place
            if part == ".." { _ = found.popLast() } else { found.append(FileIdentity(ofFolder: place)) }
        }
        found.append(FileIdentity(ofFolder: place))
        while place != "/" {
            place = FilePath.folder(of: place)
            found.append(FileIdentity(ofFolder: place))
        }
        return found
    }

    /// The path without links; nil where there is nothing.
    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Throws where the output would replace a file of another kind than is written, such as a YAML file by a result, or one that
    /// isn't this program's.
    public func refuseOtherThan(_ kind: OutputKind) throws(Diagnostic) {
        try refuseOther(than: kind.name) { kind.isStart(of: $0) }
    }

    /// Throws where the output would replace a file that isn't what is to be written.
    ///
    /// - Parameters:
    ///   - name: of what may be replaced, with its article
    ///   - isOwn: whether the file at a path is that
    public func refuseOther(than name: String, isOwn: (String) -> Bool) throws(Diagnostic) {
        guard let bytes = existingBytes, bytes > 0, !isOwn(target) else { return }
        throw Diagnostic(
            "cannot write here: expected \(name) to replace, found another file",
            at: SourceLocation(file: path), suggestion: "name another file to write, or delete this one")
    }

    /// Throws where the output's name ends as files of another known format do; any other ending is as good as none.
    public func refuseEnding(otherThan kind: OutputKind) throws(Diagnostic) {
        let ending = URL(fileURLWithPath: path).pathExtension.lowercased()
        guard !isStream, Self.knownEndings.contains(ending), !kind.endings.contains(ending) else { return }
        throw Diagnostic(
            "cannot write here: the name ends in .\(ending), and what is written is \(kind.name)",
            at: SourceLocation(file: path), suggestion: "name it .\(kind.endings[0])")
    }

    /// Of the formats that this program writes, and of others that tables, texts and pictures come in.
    private static let knownEndings: Set<String> = {
        let written: [OutputKind] = [
            .hdf5, .npy, .jsonLines, .csv, .page, .drawing, .pdf, .png, .safetensors,
            .adapterConfiguration,
        ]
        let others = [
            "tsv", "tab", "txt", "text", "md", "tex", "npz", "parquet", "arrow", "feather", "xlsx", "xls", "ods", "db",
            "sqlite", "pkl", "pickle", "pt", "pth", "bin", "gguf", "yaml", "yml", "xml", "toml", "gz", "bz2", "xz",
            "zst", "zip", "tar", "jpg", "jpeg", "gif", "eps", "ps",
        ]
        return Set(written.flatMap(\.endings) + others)
    }()

    /// Throws where the output would replace a file that this command reads, under whatever name, or become one of a folder
    /// that is read as a whole: a file that a model's folder hadn't makes another model of it.
    ///
    /// To be called when the inputs have been opened and before the work.
    public func refuseInputs() throws(Diagnostic) {
        if let folder = ReadFiles.folder(among: folders) {
            throw Diagnostic(
                "cannot write here: the command reads the folder \(folder)", at: SourceLocation(file: path),
                suggestion: "name a file elsewhere")
        }
        guard let identity, let input = ReadFiles.name(of: identity),
            // A file that was removed since may have left its number to this one.
            FileIdentity(of: input) == identity
        else { return }
        throw isInput(input)
    }

    /// Throws where the output would replace one of these files.
    public func refuse(_ inputs: some Sequence<String>) throws(Diagnostic) {
        guard let identity else { return }
        for input in inputs where FileIdentity(of: input) == identity { throw isInput(input) }
    }

    private func isInput(_ input: String) -> Diagnostic {
        Diagnostic(
            "cannot write here: the command reads this \(identity?.isRegular ?? true ? "file" : "pipe or device")"
                + (input == path ? "" : ", as \(input)"),
            at: SourceLocation(file: path), suggestion: "name another file to write")
    }
}
