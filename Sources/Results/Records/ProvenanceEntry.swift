/// One fact about how a result was made, such as `openblas_version`; an attribute of the HDF5 file's root.
public struct ProvenanceEntry: Equatable, Sendable {
    /// The attribute's name: lower case with underscores, unique in a result.
    public var key: String
    public var value: String

    /// The key of the number of items that each part of each task was cut to, evenly spaced; absent where all were scored.
    public static let limitKey = "limit_items_per_part"
    /// The same in files of earlier versions, which kept the first pairs.
    static let firstPairsKey = "limit_pairs_per_task"

    /// The keys of the program and version that wrote the file, of when, and of the resolved experiment.
    package static let programKey = "program"
    package static let createdKey = "created"
    package static let experimentKey = "experiment_yaml"
    /// The key of what the experiment's file calls it, whatever name the command line gave it.
    package static let experimentNameKey = "experiment_name"

    public init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}
