import Files
import Foundation
import GRDB

/// A file of vectors by key: an SQLite database, its statements, nothing else.
///
/// Vectors come in batches, and a batch is what is used, and what is evicted: noting each vector's last use would write
/// every page that is read.
struct VectorDatabase: Sendable {
    /// What SQLite itself doesn't notice.
    enum Damage: Error, CustomStringConvertible {
        case foreign
        case otherVersion(Int)
        case wrongVector

        /// Whether it is a newer program's, which goes on using it.
        var isNewer: Bool { if case .otherVersion(let version) = self { version > schemaVersion } else { false } }

        var description: String {
            switch self {
            case .foreign: "it is another program's database"
            case .otherVersion(let version): "it has schema version \(version), not \(VectorDatabase.schemaVersion)"
            case .wrongVector: "a vector does not match its checksum"
            }
        }
    }

    static let schemaVersion = 1
    /// `BeLM`, SQLite's application_id.
    private static let applicationID = 0x4265_4C4D
    private static let schema = """
        CREATE TABLE batches (id INTEGER PRIMARY KEY, used INTEGER NOT NULL);
        CREATE INDEX batches_by_use ON batches (used);
        CREATE TABLE vectors (
            id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, batch INTEGER NOT NULL, checksum BLOB NOT NULL,
            vector BLOB NOT NULL);
        CREATE INDEX vectors_by_batch ON vectors (batch);
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(schemaVersion);
        """

    private let queue: DatabaseQueue
    /// Whether nothing can be written: not even when a vector was used.
    let isReadOnly: Bool

    /// Opens a database, and sets it up where it is new.
    ///
    /// - Parameter isAlone: whether no other process has it open
    /// - Returns: nil for one that isn't set up yet and may not be, because others have it open
    init?(path: String, isAlone: Bool) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.label = "embedding cache"
        guard isAlone || FileManager.default.fileExists(atPath: path) else { return nil }
        queue = try DatabaseQueue(path: path, configuration: configuration)
        isReadOnly = false
        let (application, version, isEmpty) = try queue.read { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
                try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0,
                try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
            )
        }
        let isNew = application == 0 && version == 0 && isEmpty
        if isNew, !isAlone {
            try queue.close()
            return nil
        }
        guard isNew || application == Self.applicationID else { throw Damage.foreign }
        guard isNew || version == Self.schemaVersion else { throw Damage.otherVersion(version) }
        try queue.writeWithoutTransaction { database in
            if isNew { try Self.setUp(database) }
            // What a killed process had committed stays; only a power failure can lose the last batches.
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
    }

    /// Opens a database where nothing can be written, neither it nor what SQLite keeps beside it: as it stands on the disk,
    /// without what others may be adding.
    init(readingAt path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.label = "embedding cache"
        let name = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
        queue = try DatabaseQueue(path: "file:\(name)?immutable=1", configuration: configuration)
        isReadOnly = true
        let (application, version) = try queue.read { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
                try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            )
        }
        guard application == Self.applicationID else { throw Damage.foreign }
        guard version == Self.schemaVersion else { throw Damage.otherVersion(version) }
    }

    private static func setUp(_ database: Database) throws {
        // Pages that hold a few vectors of a small model each.
        try database.execute(sql: "PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL")
        _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
        try database.inTransaction(.immediate) {
            try database.execute(sql: schema)
            return .commit
        }
    }

    func close() { try? queue.close() }

    /// Calls `visit` with each key's index and vector that is there.
    ///
    /// - Parameter columns: the length of every vector
    func find(_ keys: [SHA256Digest], columns: Int, visit: (Int, [Float]) -> Void) throws {
        var batches: Set<Int64> = []
        try queue.read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT batch, checksum, vector FROM vectors WHERE key = ?")
            for (index, key) in keys.enumerated() {
                guard let row = try Row.fetchOne(statement, arguments: [Data(key.bytes)]) else { continue }
                guard case .int64(let batch) = row.value(0), case .blob(let checksum) = row.value(1),
                    case .blob(let bytes) = row.value(2), bytes.count == columns * MemoryLayout<Float>.stride,
                    checksum == Self.checksum(key, bytes)
                else { throw Damage.wrongVector }
                batches.insert(batch)
                visit(index, [Float](bytes: bytes))
            }
        }
        try note(useOf: batches)
    }

    private func note(useOf batches: Set<Int64>) throws {
        guard !batches.isEmpty, !isReadOnly else { return }
        try inTransaction { database in
            let statement = try database.cachedStatement(sql: "UPDATE batches SET used = ? WHERE id = ?")
            for batch in batches { try statement.execute(arguments: [Self.now, batch]) }
        }
    }

    /// For each key, whether it has a vector.
    func has(_ keys: [SHA256Digest]) throws -> [Bool] {
        try queue.read { database in
            let statement = try database.cachedStatement(sql: "SELECT 1 FROM vectors WHERE key = ?")
            return try keys.map { try Row.fetchOne(statement, arguments: [Data($0.bytes)]) != nil }
        }
    }

    /// Stores a batch, in place of what has its keys, and evicts the batches that were not used for longest.
    ///
    /// - Parameter limit: bytes that the database may fill
    func store(_ batch: [(key: SHA256Digest, vector: [Float])], limit: Int) throws {
        try inTransaction { database in
            try database.execute(sql: "INSERT INTO batches (used) VALUES (?)", arguments: [Self.now])
            let number = database.lastInsertedRowID
            let statement = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO vectors (key, batch, checksum, vector) VALUES (?, ?, ?, ?)")
            for (key, vector) in batch {
                let bytes = vector.withUnsafeBytes { Data($0) }
                try statement.execute(arguments: [Data(key.bytes), number, Self.checksum(key, bytes), bytes])
            }
            try Self.evict(from: database, limit: limit)
        }
    }

    /// Bytes that are in use; the file is longer by what was evicted and not filled again.
    var usedBytes: Int { get throws { try queue.read { try Self.size($0).used } } }

    /// Evicts down to the limit, and gives the disk back what is beyond it.
    func shrink(to limit: Int) throws {
        guard try queue.read({ try Self.size($0).file }) > limit else { return }
        try inTransaction { database in
            try Self.evict(from: database, limit: limit)
            try database.execute(sql: "PRAGMA incremental_vacuum")
        }
    }

    private static func evict(from database: Database, limit: Int) throws {
        guard try size(database).used > limit else { return }
        let deletion = try database.cachedStatement(sql: "DELETE FROM vectors WHERE batch = ?")
        let oldest = try Int64.fetchCursor(database, sql: "SELECT id FROM batches ORDER BY used, id")
        var evicted: [Int64] = []
        // A little more than needed, so that the next batches fit.
        while try size(database).used > limit - limit / 64, let batch = try oldest.next() {
            try deletion.execute(arguments: [batch])
            evicted.append(batch)
        }
        for batch in evicted { try database.execute(sql: "DELETE FROM batches WHERE id = ?", arguments: [batch]) }
    }

    private static func size(_ database: Database) throws -> (file: Int, used: Int) {
        func value(_ pragma: String) throws -> Int { try Int.fetchOne(database, sql: "PRAGMA \(pragma)") ?? 0 }
        let (page, pages) = (try value("page_size"), try value("page_count"))
        return (pages * page, (pages - (try value("freelist_count"))) * page)
    }

    private func inTransaction(_ work: (Database) throws -> Void) throws {
        try queue.writeWithoutTransaction { database in
            try database.inTransaction(.immediate) {
                try work(database)
                return .commit
            }
        }
    }

    /// SQLite has no checksums of its own: a flipped bit must not become a wrong vector.
    private static func checksum(_ key: SHA256Digest, _ vector: Data) -> Data {
        var hasher = SHA256Hasher()
        hasher.update(key.bytes)
        hasher.update(vector)
        return Data(hasher.finalize().bytes.prefix(8))
    }

    /// Milliseconds since 1970.
    private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}

extension VectorDatabase {
    /// Whether an error says that the file isn't a whole database of this schema.
    static func isDamage(_ error: any Error) -> Bool {
        if let damage = error as? Damage { return !damage.isNewer }
        guard let error = error as? DatabaseError else { return false }
        return [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_FORMAT].contains(error.resultCode)
            || error.extendedResultCode == .SQLITE_IOERR_SHORT_READ
    }
}

extension Row {
    /// As it is stored: decoding a column that holds something else would end the program.
    fileprivate func value(_ column: Int) -> DatabaseValue.Storage { (self[column] as DatabaseValue).storage }
}

extension [Float] {
    /// The floats of their bytes in memory.
    fileprivate init(bytes: Data) {
        self.init(repeating: 0, count: bytes.count / MemoryLayout<Float>.stride)
        _ = withUnsafeMutableBytes { bytes.copyBytes(to: $0) }
    }
}
