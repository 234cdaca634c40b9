import CAllocations

/// What this thread asks for while something runs.
public enum Allocations {
    /// - Returns: all bytes that were asked for, freed since or not: what copying costs, without a clock
    public static func bytes(asked body: () throws -> Void) rethrows -> Int {
        allocations_reset()
        try body()
        return Int(clamping: allocations_total())
    }
}
