import CKernels

/// Which keys each of some queries sees: one range of them.
public struct VisibleKeys {
    /// The first key that each query sees; nil where it is the sequence's first for all.
    public var firsts: ArraySlice<Int32>?
    /// For each query, the key behind the last that it sees: its position + 1 if causal, the number of keys if not.
    public var limits: ArraySlice<Int32>
    /// The key that is each query's own; nil where no bias asks for its distance from others.
    public var positions: ArraySlice<Int32>?

    public init(
        firsts: ArraySlice<Int32>? = nil, limits: ArraySlice<Int32>, positions: ArraySlice<Int32>? = nil
    ) {
        precondition(firsts.map { $0.count == limits.count } ?? true)
        precondition(positions.map { $0.count == limits.count } ?? true)
        self.firsts = firsts
        self.limits = limits
        self.positions = positions
    }

    /// Those of some queries.
    public subscript(range: Range<Int>) -> VisibleKeys {
        VisibleKeys(firsts: firsts?[range], limits: limits[range], positions: positions?[range])
    }

    var count: Int { limits.count }

    /// Whether each query sees at least one key, and none that isn't there.
    func areAmong(_ keyCount: Int) -> Bool {
        guard limits.allSatisfy({ $0 > 0 && Int($0) <= keyCount }) else { return false }
        guard let firsts else { return true }
        return zip(firsts, limits).allSatisfy { $0 >= 0 && $0 < $1 }
    }

    func withUnsafePointer<R>(_ body: (UnsafePointer<bellm_visible>) -> R) -> R {
        limits.withUnsafeBufferPointer { limits in
            Self.withUnsafePointer(firsts) { firsts in
                Self.withUnsafePointer(positions) { positions in
                    var visible = bellm_visible(
                        firsts: firsts, limits: limits.baseAddress, positions: positions, queries: limits.count)
                    return body(&visible)
                }
            }
        }
    }

    /// A pointer to the numbers; nil where there are none.
    private static func withUnsafePointer<R>(
        _ numbers: ArraySlice<Int32>?, _ body: (UnsafePointer<Int32>?) -> R
    ) -> R {
        numbers?.withUnsafeBufferPointer { body($0.baseAddress) } ?? body(nil)
    }
}
