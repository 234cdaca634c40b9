import Diagnostics
import Files
import Foundation
import GRDB
import Synchronization

/// Vectors by what made them, kept from run to run in one file that several processes may use at once.
///
/// Never the reason why a run fails: a damaged file is moved aside, that of a newer program is left alone and one beside it
/// used, from one that can't be written vectors are only read, and where nothing can be read either the run goes on without.
/// Each is said once.
public final class VectorCache: Sendable {
    /// A database, for as long as the lock says that somebody uses it.
    private struct Connection: Sendable {
        let database: VectorDatabase
        /// Nil where nothing can be written, a lock neither.
        let lock: FileLock?
    }

    /// The file that was asked for.
    public let path: String
    /// Bytes that the file may fill.
    public let limit: Int
    private let warn: @Sendable (String) -> Void
    private let connection = Mutex<Connection?>(nil)

    /// Opens the file at `path`, and creates it and its folder where they are missing.
    ///
    /// - Parameter warn: gets a line for each thing that a user should know
    public init(path: String, limit: Int = defaultLimit, warn: @escaping @Sendable (String) -> Void) {
        self.path = path
        self.limit = limit
        self.warn = warn
        connection.withLock { $0 = open() }
        attempt { if !$0.isReadOnly { try $0.shrink(to: limit) } }
    }

    deinit { close() }

    /// Whether there is a file to read and write: false after something that was warned of.
    public var isOpen: Bool { connection.withLock { $0 != nil } }

    /// Bytes in use.
    package var usedBytes: Int {
        var bytes = 0
        attempt { bytes = try $0.usedBytes }
        return bytes
    }

    /// Calls `visit` with each key's index and vector that is there, bit for bit as it was stored.
    ///
    /// - Parameter columns: the length of every vector
    public func find(_ keys: [SHA256Digest], columns: Int, visit: (Int, [Float]) -> Void) {
        attempt { try $0.find(keys, columns: columns, visit: visit) }
    }

    /// For each key, whether it has a vector.
    public func has(_ keys: [SHA256Digest]) -> [Bool] {
        var known = keys.map { _ in false }
        attempt { known = try $0.has(keys) }
        return known
    }

    /// Stores vectors in place of what has their keys, and evicts what was not used for longest where they don't fit.
    /// What is stored when this returns survives the process.
    public func store(_ batch: [(key: SHA256Digest, vector: [Float])]) {
        guard !batch.isEmpty else { return }
        attempt { if !$0.isReadOnly { try $0.store(batch, limit: limit) } }
    }

    /// Ends the use of the file; from now on nothing is found and nothing is stored.
    public func close() {
        connection.withLock { connection in
            connection?.database.close()
            connection = nil
        }
    }

    private func attempt(_ work: (VectorDatabase) throws -> Void) {
        connection.withLock { connection in
            guard let database = connection?.database else { return }
            do {
                try work(database)
            } catch {
                database.close()
                let canMove = !database.isReadOnly && VectorDatabase.isDamage(error)
                connection = nil
                connection = canMove ? open(movingAside: error) : without(error)
            }
        }
    }

    private func without(_ error: any Error) -> Connection? {
        warn("going on without the embedding cache \(path): \(Self.text(of: error))")
        return nil
    }

    private static func text(_ error: DatabaseError) -> String { error.message ?? "\(error.resultCode)" }

    private static func text(of error: any Error) -> String {
        (error as? DatabaseError).map(text) ?? (error as? Diagnostic)?.message ?? "\(error)"
    }
}

extension VectorCache {
    private func open(movingAside damage: (any Error)? = nil) -> Connection? {
        do {
            do {
                return try connect(to: path, movingAside: damage)
            } catch let newer as VectorDatabase.Damage where newer.isNewer {
                return try connect(to: pathOfThisVersion, movingAside: damage)
            }
        } catch is CancellationError {
            return nil
        } catch {
            return readOnly(damage) ?? without(error)
        }
    }

    /// Beside a newer program's file.
    private var pathOfThisVersion: String {
        let url = URL(fileURLWithPath: path)
        let name = url.deletingPathExtension().lastPathComponent
        return url.deletingLastPathComponent().path + "/\(name)-\(VectorDatabase.schemaVersion).\(url.pathExtension)"
    }

    /// What is known, where no lock can be had because nothing can be written.
    private func readOnly(_ damage: (any Error)?) -> Connection? {
        guard damage == nil, (try? FileLock(path + ".lock")) == nil,
            let database = try? VectorDatabase(readingAt: path)
        else { return nil }
        warn("the embedding cache \(path) cannot be written: what it has is used, and nothing is added")
        return Connection(database: database, lock: nil)
    }

    /// A file is set up, or moved aside, only by a process that is alone with it: SQLite expects an open file to stay
    /// where it is.
    private func connect(to path: String, movingAside damage: (any Error)?) throws -> Connection {
        try AtomicFile.createFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        let lock = try FileLock(path + ".lock")
        for _ in 0..<Self.attempts {
            if try lock.lock(.exclusive, waiting: false) {
                if let damage { try moveAside(path, damage) }
                let database = try setUp(path)
                _ = try lock.lock(.shared, waiting: true)
                return Connection(database: database, lock: lock)
            }
            if let damage {
                throw Diagnostic("it is damaged (\(Self.text(of: damage))), and another process uses it")
            }
            _ = try lock.lock(.shared, waiting: true)
            if let database = try VectorDatabase(path: path, isAlone: false) {
                return Connection(database: database, lock: lock)
            }
            // Whoever was to set it up has ended before it had.
            lock.unlock()
            usleep(20_000)
        }
        throw Diagnostic("other processes keep it locked")
    }

    private static var attempts: Int { 50 }

    private func setUp(_ path: String) throws -> VectorDatabase {
        do {
            if let database = try VectorDatabase(path: path, isAlone: true) { return database }
        } catch  where VectorDatabase.isDamage(error) {
            try moveAside(path, error)
            if let database = try VectorDatabase(path: path, isAlone: true) { return database }
        }
        throw Diagnostic("it cannot be created")
    }

    private func moveAside(_ path: String, _ damage: any Error) throws {
        let files = FileManager.default
        let names = (1...).lazy.map { "\(path).damaged-\($0)" }
        guard let target = names.first(where: { !files.fileExists(atPath: $0) }) else { return }
        guard rename(path, target) == 0 else { throw Diagnostic.system("it is damaged and cannot be moved", path) }
        _ = rename(path + "-wal", target + "-wal")
        _ = rename(path + "-shm", target + "-shm")
        warn("the embedding cache \(path) is damaged (\(Self.text(of: damage))); moved to \(target)")
    }
}
