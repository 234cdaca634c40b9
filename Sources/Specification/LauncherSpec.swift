/// How an experiment asks a cluster for machines: the key `launcher`.
///
/// It decides where runs are computed and how their work is cut, never a number: it is no part of the resolved
/// experiment or its hash.
public struct LauncherSpec: Hashable, Sendable {
    public var partition: String?
    public var account: String?
    /// Of an element, as `sbatch --time` takes it; nil for the partition's own.
    public var time: String?
    /// Of an element, as `sbatch --mem` takes it; nil for what the plan forecasts.
    public var memory: String?
    /// Processors of an element.
    public var cpus = 4
    /// Elements at the same time; nil for as many as the cluster gives.
    public var arrayLimit: Int?
    /// Further options of sbatch, such as `--constraint=avx512`.
    public var sbatch: [String] = []
    /// Shell commands before the program, such as `module load hdf5`.
    public var setup: [String] = []
    /// Distinct sentences of a block, the smallest work that is kept; nil for about 10¹⁴ floating-point operations.
    public var blockSentences: Int?
    /// Blocks of an array element: a run with more is split over several.
    public var elementBlocks = 16

    public init() {}

    /// The time limit in seconds; nil without one.
    public var timeSeconds: Double? {
        guard let time else { return nil }
        let days = time.split(separator: "-")
        let clock = days.last?.split(separator: ":").compactMap { Double($0) } ?? []
        if days.count == 2, let count = Double(days[0]) {
            return count * 86400 + zip(clock, [3600, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let units: [Double] = clock.count == 3 ? [3600, 60, 1] : [60, 1]
        return zip(clock, units).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
