import EmbeddingCache
import Files
import Foundation
import Synchronization
import TestSupport
import Testing

/// Lines that a cache warned of.
final class Warnings: Sendable {
    private let state = Mutex<[String]>([])
    var lines: [String] { state.withLock(\.self) }
    func add(_ line: String) { state.withLock { $0.append(line) } }
}

struct VectorCacheTests {
    private func withCachePath(_ check: (String) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { try check($0 + "/new/embeddings.sqlite") }
    }

    private func cache(
        _ path: String, limit: Int = VectorCache.defaultLimit, _ warnings: Warnings = Warnings()
    ) -> VectorCache {
        VectorCache(path: path, limit: limit, warn: warnings.add)
    }

    private func key(_ number: Int) -> SHA256Digest { SHA256Digest(of: "\(number)") }

    private func entries(_ numbers: Range<Int>, columns: Int = 4) -> [(key: SHA256Digest, vector: [Float])] {
        numbers.map { number in (key(number), (0..<columns).map { Float(number) + Float($0) / 8 }) }
    }

    private func found(_ numbers: Range<Int>, columns: Int = 4, in cache: VectorCache) -> [Int: [Float]] {
        var found: [Int: [Float]] = [:]
        cache.find(numbers.map(key), columns: columns) { found[numbers.lowerBound + $0] = $1 }
        return found
    }

    @Test("Vectors come back bit for bit, from another process' file too, and only for their keys")
    func roundTrip() throws {
        try withCachePath { path in
            let ugly: [Float] = [-0.0, .nan, .infinity, .leastNonzeroMagnitude, Float(bitPattern: 0x7FC0_1234)]
            let first = cache(path)
            first.store([(key(1), ugly)])
            first.close()
            let second = cache(path)
            let found = found(0..<3, columns: 5, in: second)
            #expect(found.keys.sorted() == [1])
            #expect(found[1]?.map(\.bitPattern) == ugly.map(\.bitPattern))
            #expect(second.has([key(0), key(1)]) == [false, true])
        }
    }

    @Test("A vector that is stored again replaces the old one")
    func replaced() throws {
        try withCachePath { path in
            let cache = cache(path)
            cache.store([(key(1), [1, 2])])
            cache.store([(key(1), [3, 4])])
            #expect(found(1..<2, columns: 2, in: cache) == [1: [3, 4]])
        }
    }

    @Test("What was not used for longest goes first, and the file stays within its limit")
    func eviction() throws {
        try withCachePath { path in
            let limit = 1_000_000
            let cache = cache(path, limit: limit)
            for batch in 0..<20 {
                cache.store(entries(batch * 10..<batch * 10 + 10, columns: 2000))
                usleep(2000)
                #expect(found(0..<1, columns: 2000, in: cache).count == 1, "the first batch is used all the time")
            }
            #expect(cache.usedBytes <= limit)
            #expect(found(10..<20, columns: 2000, in: cache).isEmpty)
            #expect(found(190..<200, columns: 2000, in: cache).count == 10)
            cache.close()
            let smaller = self.cache(path, limit: limit / 2)
            #expect(found(190..<200, columns: 2000, in: smaller).count == 10)
            smaller.close()
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? .max
            #expect(size <= limit / 2)
        }
    }

    /// Ways to spoil a closed cache file with vectors in it.
    enum Spoiling: String, CaseIterable, CustomTestStringConvertible {
        case noise, cutShort, wrongHeader, foreign, otherVersion, flippedVectorBit

        var testDescription: String { rawValue }

        func apply(to bytes: inout Data) {
            switch self {
            case .noise: bytes = Data((0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 251) })
            case .cutShort: bytes = bytes.prefix(bytes.count / 2 + 100)
            case .wrongHeader: bytes[0] = 0
            case .foreign: bytes.replaceSubrange(68..<72, with: [1, 2, 3, 4])
            case .otherVersion: bytes.replaceSubrange(60..<64, with: [0xFF, 0xFF, 0xFF, 0xFF])
            case .flippedVectorBit:
                let vector = [Float](repeating: 7.5, count: 100).withUnsafeBytes { Data($0) }
                guard let place = bytes.range(of: vector) else { return }
                bytes[place.lowerBound + 200] ^= 1
            }
        }
    }

    @Test(
        "A damaged or foreign file is moved aside with one warning, and gives no wrong vector",
        arguments: Spoiling.allCases)
    func damaged(by spoiling: Spoiling) throws {
        try withCachePath { path in
            let vector = [Float](repeating: 7.5, count: 100)
            let first = cache(path)
            first.store([(key(1), vector)])
            first.store((2..<200).map { (key($0), [Float](repeating: Float($0), count: 100)) })
            first.close()
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            spoiling.apply(to: &bytes)
            try bytes.write(to: URL(fileURLWithPath: path))

            let warnings = Warnings()
            let second = cache(path, warnings)
            for (number, found) in found(1..<200, columns: 100, in: second) {
                #expect(found == [Float](repeating: number == 1 ? 7.5 : Float(number), count: 100))
            }
            #expect(warnings.lines.count == 1)
            #expect(warnings.lines.first?.hasSuffix("moved to \(path).damaged-1") == true, "\(warnings.lines)")
            #expect(FileManager.default.fileExists(atPath: path + ".damaged-1"))
            second.store([(key(1), vector)])
            #expect(found(1..<2, columns: 100, in: second) == [1: vector])
        }
    }

    @Test("A damaged file that another process uses is left alone, with one warning")
    func damagedAndShared() throws {
        try withCachePath { path in
            let warnings = Warnings()
            let (first, second) = (cache(path), cache(path, warnings))
            first.store([(key(1), [1])])
            // Not the length that is asked for: as good as a flipped bit.
            #expect(found(1..<2, columns: 2, in: second).isEmpty)
            #expect(warnings.lines.count == 1)
            #expect(warnings.lines.first?.contains("another process uses it") == true, "\(warnings.lines)")
            #expect(!second.isOpen)
            #expect(found(1..<2, columns: 1, in: first) == [1: [1]])
        }
    }

    @Test("Where no file can be made, nothing is found and one line says so", arguments: ["/dev/null/x", "/proc/none"])
    func unwritable(folder: String) {
        let warnings = Warnings()
        let cache = cache(folder + "/embeddings.sqlite", warnings)
        cache.store([(key(1), [1])])
        #expect(found(1..<2, columns: 1, in: cache).isEmpty)
        #expect(!cache.isOpen)
        #expect(warnings.lines.count == 1)
        #expect(warnings.lines.first?.hasPrefix("going on without the embedding cache") == true)
    }

    @Test("A newer program's file is left as it is, and a file beside it used, in silence")
    func newer() throws {
        try withCachePath { path in
            let first = cache(path)
            first.store([(key(1), [1])])
            first.close()
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes.replaceSubrange(60..<64, with: [0, 0, 0, 9])
            try bytes.write(to: URL(fileURLWithPath: path))
            let warnings = Warnings()
            for isKnown in [false, true] {
                let second = cache(path, warnings)
                #expect(found(1..<2, columns: 1, in: second).isEmpty != isKnown)
                second.store([(key(1), [2])])
                second.close()
            }
            #expect(warnings.lines.isEmpty, "\(warnings.lines)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
        }
    }

    @Test("A file beside which nothing can be written still has what it has; one line says that nothing is added")
    func readOnly() throws {
        try withCachePath { path in
            let first = cache(path)
            first.store([(key(1), [1])])
            first.close()
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            // Not even root can open a folder for writing, as nobody can write on a medium that is read only.
            try FileManager.default.removeItem(atPath: path + ".lock")
            try FileManager.default.createDirectory(atPath: path + ".lock", withIntermediateDirectories: true)
            let warnings = Warnings()
            let second = cache(path, warnings)
            #expect(found(1..<2, columns: 1, in: second) == [1: [1]])
            second.store([(key(2), [2])])
            #expect(found(1..<3, columns: 1, in: second) == [1: [1]])
            #expect(second.has([key(1), key(2)]) == [true, false])
            second.close()
            #expect(warnings.lines.count == 1)
            #expect(warnings.lines.first?.contains("cannot be written") == true, "\(warnings.lines)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
        }
    }

    @Test("A folder in the file's place is no cache, and stays")
    func folderInPlace() throws {
        try withCachePath { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let warnings = Warnings()
            #expect(!cache(path, warnings).isOpen)
            #expect(warnings.lines.count == 1)
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("Several users of one new file at once lose nothing")
    func concurrent() throws {
        try withCachePath { path in
            let warnings = Warnings()
            DispatchQueue.concurrentPerform(iterations: 6) { user in
                let cache = cache(path, warnings)
                for batch in 0..<20 {
                    let start = user * 1000 + batch * 10
                    cache.store(entries(start..<start + 10))
                }
            }
            #expect(warnings.lines.isEmpty)
            let all = cache(path)
            for user in 0..<6 {
                #expect(found(user * 1000..<user * 1000 + 200, in: all).count == 200)
            }
        }
    }

    @Test("BELLM_CACHE_SIZE is read with its unit; what is no size is an error")
    func limit() throws {
        func limit(_ text: String) throws -> Int { try VectorCache.limit(environment: ["BELLM_CACHE_SIZE": text]) }
        #expect(try limit("") == 2_000_000_000)
        #expect(try limit("0") == 0)
        #expect(try limit("500 MB") == 500_000_000)
        #expect(try limit("1.5gb") == 1_500_000_000)
        for text in ["much", "-1", "10 GiB", "1e300", "GB", "99999999999 TB"] {
            #expect(throws: (any Error).self, "\(text)") { try limit(text) }
        }
    }
}
