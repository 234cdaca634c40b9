import Specification
import Tasks
import TestSupport

/// The tasks that come with the program.
enum Catalogue {
    private static let read = Result { try ConfigFolder(path: Fixtures.packageRoot + "/configs").tasks() }

    static func all() throws -> TaskCatalogue { try read.get() }
    static func named(_ name: String) throws -> TaskDescription { try all().named(name) }
    static func suite(_ name: String) throws -> [TaskDescription] { try all().suite(name) }

    /// Pairs as a task's own.
    static func sts(_ name: String, _ pairs: [SentencePair]) throws -> STSTask { STSTask(pairs, by: try named(name)) }
}
