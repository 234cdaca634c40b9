/// Which items of a task a quick look keeps.
enum QuickLook {
    /// Of each group its share of the limit, evenly spaced, for files are sorted by class or subset. A group keeps at least
    /// so many of its items while another can spare them.
    ///
    /// - Parameters:
    ///   - groups: of each item, its class or subset.
    ///   - least: of each group, where it has them and the limit allows.
    /// - Returns: the items' places, ascending; all of them where the limit is no smaller.
    static func kept<Group: Hashable>(_ limit: Int, of groups: [Group], least: Int) -> [Int] {
        guard groups.count > limit else { return Array(groups.indices) }
        var seen = Set<Group>()
        let order = groups.filter { seen.insert($0).inserted }
        let members = Dictionary(grouping: groups.indices) { groups[$0] }
        let sizes = order.map { members[$0]?.count ?? 0 }
        let quotas = shares(of: limit, among: sizes, least: least)
        return zip(order, quotas).flatMap { group, quota -> [Int] in
            let own = members[group] ?? []
            return (0..<quota).map { own[$0 * own.count / quota] }
        }.sorted()
    }

    /// Shares in proportion to sizes, by the largest remainder, whose sum is the limit.
    private static func shares(of limit: Int, among sizes: [Int], least: Int) -> [Int] {
        let total = sizes.reduce(0, +)
        var shares = sizes.map { limit * $0 / total }
        let byRemainder = sizes.indices.sorted {
            let (first, second) = (limit * sizes[$0] % total, limit * sizes[$1] % total)
            return first != second ? first > second : $0 < $1
        }
        for index in byRemainder.prefix(limit - shares.reduce(0, +)) { shares[index] += 1 }
        // One more round for each of the least, so that all groups have one before any has two.
        for wanted in stride(from: 1, through: least, by: 1) {
            for index in shares.indices where shares[index] < min(wanted, sizes[index]) {
                guard let donor = shares.indices.max(by: { shares[$0] < shares[$1] }), shares[donor] > wanted else {
                    return shares
                }
                shares[donor] -= 1
                shares[index] += 1
            }
        }
        return shares
    }
}
