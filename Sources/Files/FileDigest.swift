import CCrypto
import Diagnostics
import Foundation

/// What a file's bytes are recognised by, computed in pieces by OpenSSL's libcrypto.
public enum FileDigest: Hashable, Sendable {
    case sha256
    /// Git's name of a file's content: the SHA-1 of `blob SIZE`, a zero byte, and the bytes.
    case gitBlob

    /// The digest in lower-case hexadecimal: 64 digits of SHA-256, 40 of SHA-1.
    ///
    /// - Parameter stops: whether it ends where the task is cancelled
    /// - Throws: where the file cannot be read; `CancellationError` where the task is cancelled.
    public func hexadecimal(of path: String, stoppingWhenCancelled stops: Bool = true) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Diagnostic.system("cannot open", path) }
        defer { close(descriptor) }
        ReadFiles.note(descriptor: descriptor, named: path)
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        let algorithm = self == .sha256 ? EVP_sha256() : EVP_sha1()
        guard EVP_DigestInit_ex(context, algorithm, nil) == 1 else { throw Diagnostic("libcrypto has no \(self)") }
        if self == .gitBlob {
            let head = Array("blob \(lseek(descriptor, 0, SEEK_END))\0".utf8)
            EVP_DigestUpdate(context, head, head.count)
            lseek(descriptor, 0, SEEK_SET)
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            if stops, Task.isCancelled { throw CancellationError() }
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Diagnostic.system("cannot read", path) }
            if count == 0 { break }
            EVP_DigestUpdate(context, buffer, count)
        }
        var bytes = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        EVP_DigestFinal_ex(context, &bytes, &length)
        return SHA256Digest.hexadecimal(bytes.prefix(Int(length)))
    }
}
