import Diagnostics
import Foundation

/// The first bytes of a file, version 3 of the format. Source: HDF5 File Format Specification 3.0, II.A.
enum Superblock {
    private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    /// Where the mark is that somebody writes the file.
    private static let flags = 11
    /// Where the checksum is, with addresses of eight bytes.
    private static let checksum = 44

    /// Whether a file begins as those that this program writes: every structure that HDF5 reads in it has a checksum.
    static func hasChecksums(_ path: String) -> Bool {
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG,
            let file = FileHandle(forReadingAtPath: path)
        else { return false }
        defer { try? file.close() }
        guard let start = try? file.read(upToCount: 9), start.count == 9 else { return false }
        return start.starts(with: signature) && start[8] == 3
    }

    /// Takes the mark away that the file is open for writing, as closing it would.
    static func close(_ file: inout [UInt8]) throws {
        guard file.count >= checksum + 4, file.starts(with: signature), file[8] == 3, file[9] == 8 else {
            throw Diagnostic("expected HDF5 to begin a file with a superblock of version 3")
        }
        file[flags] = 0
        let sum = lookup3(file[..<checksum])
        for byte in 0..<4 { file[checksum + byte] = UInt8(truncatingIfNeeded: sum >> (8 * byte)) }
    }

    /// The checksum of HDF5's metadata: Bob Jenkins' lookup3, `hashlittle` with the initial value 0.
    static func lookup3(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var a = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: bytes.count)
        var (b, c) = (a, a)
        var rest = bytes
        func word(_ start: Int) -> UInt32 {
            (0..<4).reduce(0) { sum, byte in
                let place = rest.startIndex + start + byte
                return sum | (place < rest.endIndex ? UInt32(rest[place]) << (8 * UInt32(byte)) : 0)
            }
        }
        func rotated(_ value: UInt32, _ bits: UInt32) -> UInt32 { value << bits | value >> (32 - bits) }
        while rest.count > 12 {
            (a, b, c) = (a &+ word(0), b &+ word(4), c &+ word(8))
            (a, c) = ((a &- c) ^ rotated(c, 4), c &+ b)
            (b, a) = ((b &- a) ^ rotated(a, 6), a &+ c)
            (c, b) = ((c &- b) ^ rotated(b, 8), b &+ a)
            (a, c) = ((a &- c) ^ rotated(c, 16), c &+ b)
            (b, a) = ((b &- a) ^ rotated(a, 19), a &+ c)
            (c, b) = ((c &- b) ^ rotated(b, 4), b &+ a)
            rest = rest.dropFirst(12)
        }
        guard !rest.isEmpty else { return c }
        (a, b, c) = (a &+ word(0), b &+ word(4), c &+ word(8))
        c = (c ^ b) &- rotated(b, 14)
        a = (a ^ c) &- rotated(c, 11)
        b = (b ^ a) &- rotated(a, 25)
        c = (c ^ b) &- rotated(b, 16)
        a = (a ^ c) &- rotated(c, 4)
        b = (b ^ a) &- rotated(a, 14)
        return (c ^ b) &- rotated(b, 24)
    }
}
