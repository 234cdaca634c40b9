import Diagnostics
import Foundation

extension OutputDestination {
    /// Room that any result needs: where not even this is left, nothing can be written after hours of work.
    private static let leastRoom = 1 << 16

    /// Tries before hours of work that their result can be written: that the node may be written to, or that a file of
    /// the name's length, with something in it, can be made beside it. Leaves nothing behind, and removes what earlier
    /// processes that were killed did.
    public func check() throws {
        guard !isStream else {
            guard isDescriptor || access(target, W_OK) == 0 else { throw Diagnostic.system("cannot write", path) }
            return
        }
        var folder = FilePath.folder(of: target)
        // What is missing is made when the result is there.
        while folder != "/", folder != ".", access(folder, F_OK) != 0, errno == ENOENT {
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

    /// Throws where the output would replace a file that this command reads, under whatever name.
    ///
    /// To be called when the inputs have been opened and before the work.
    public func refuseInputs() throws(Diagnostic) {
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
            "cannot write here: the command reads this file" + (input == path ? "" : ", as \(input)"),
            at: SourceLocation(file: path), suggestion: "name another file to write")
    }
}
