import Diagnostics

/// The tasks that can be named. Who reads `configs/tasks` makes it.
public struct TaskCatalogue: Equatable, Sendable {
    /// In the order of their suites, each suite's in its order, then those of no suite by name.
    public let tasks: [TaskDescription]

    public init(_ tasks: [TaskDescription] = []) {
        self.tasks = tasks.sorted { one, other in
            switch (one.suite, other.suite) {
            case (let one?, let other?): (one.average, one.place) < (other.average, other.place)
            case (_?, nil): true
            case (nil, _?): false
            case (nil, nil): one.name < other.name
            }
        }
    }

    public var names: [String] { tasks.map(\.name) }

    /// Of the tasks that are files of the user's own: names that may change while the content stays.
    package var ownNames: Set<String> { Set(tasks.filter(\.isUsersOwn).map(\.name)) }

    /// The task of this name, upper and lower case as written.
    ///
    /// - Parameter location: where the user wrote the name.
    /// - Throws: a diagnostic with the catalogue's names and the nearest of them.
    public func named(_ name: String, at location: SourceLocation? = nil) throws(Diagnostic) -> TaskDescription {
        guard let task = tasks.first(where: { $0.name == name }) else {
            throw Diagnostic.unknown("task", name, among: names, at: location)
        }
        return task
    }

    /// Words that stand where a task may be named, and mean none: what `data`, `development` and `postprocess` take beside
    /// tasks.
    public static let words = ["wordnet", "none", "target"]

    /// With the tasks that an experiment brings; one that is named here keeps its place.
    public func adding(_ own: [TaskDescription]) -> TaskCatalogue {
        TaskCatalogue(tasks + own.filter { !names.contains($0.name) })
    }

    /// The columns of tables that are no task's.
    public static let otherColumns = ["run", "kind"]

    /// Whether tables have a column of this name, or it reads like one: what begins with `Avg`, and the means of other suites,
    /// of which some say more, as `Mean (limited)`.
    public func isColumn(_ name: String) -> Bool {
        let means = tasks.compactMap(\.suite?.average)
        return Self.otherColumns.contains(name) || name.hasPrefix(Self.standardSuite)
            || means.contains { name == $0 || name.hasPrefix($0 + " ") }
    }

    /// The tasks of a suite, in its order.
    public func suite(_ average: String) -> [TaskDescription] { tasks.filter { $0.suite?.average == average } }

    /// The seven test sets whose mean the sentence-embedding literature calls "Avg".
    public static let standardSuite = "Avg"

    /// The test sets that a model must not be trained on: those of the standard suite that are there.
    public var standardTasks: [TaskDescription] { suite(Self.standardSuite) }
}
