/// Takes a body in chunks apart (RFC 9112, section 7.1). libcurl does so too, but waits for a chunk of any length, and says
/// nothing of one that it can't read.
struct ChunkDecoder {
    private enum Place {
        /// In a line that says how long the next piece is: what of it came.
        case size([UInt8])
        /// In a piece: how many of its bytes are to come.
        case piece(Int)
        /// In the line end behind a piece.
        case end
        /// Behind the last piece, in lines that nobody reads.
        case trailer
    }

    private static let longestLine = 4096

    private let sizes: SizeReader
    private var place = Place.size([])

    init(_ address: WebAddress) { sizes = SizeReader(address: address, headers: [:]) }

    /// Takes bytes as they come, and hands on those of the body.
    ///
    /// - Throws: a permanent `HTTPFailure` where a size is none; what `take` throws
    mutating func decode(_ bytes: UnsafeRawBufferPointer, take: (UnsafeRawBufferPointer) throws -> Void) throws {
        var rest = bytes[...]
        while let byte = rest.first {
            switch place {
            case .size(var line):
                rest = rest.dropFirst()
                guard byte == UInt8(ascii: "\n") else {
                    line.append(byte)
                    guard line.count <= Self.longestLine else { throw sizes.refusedChunk(line) }
                    place = .size(line)
                    continue
                }
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                let size = try sizes.chunkSize(line)
                place = size == 0 ? .trailer : .piece(size)
            case .piece(let count):
                let piece = rest.prefix(count)
                try take(UnsafeRawBufferPointer(rebasing: piece))
                rest = rest.dropFirst(piece.count)
                place = piece.count == count ? .end : .piece(count - piece.count)
            case .end:
                guard byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") else {
                    throw HTTPFailure(.permanent, "\(sizes.address) sent a chunk that is longer than it says")
                }
                rest = rest.dropFirst()
                if byte == UInt8(ascii: "\n") { place = .size([]) }
            case .trailer: return
            }
        }
    }
}
