/// How SentEval's scripts cut a task's sentences into batches.
enum SentEvalBatches {
    /// The sort is stable, as Python's.
    static func sorted(_ members: [Int], by keys: [[Double]]) -> [Int] {
        members.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) }
    }

    /// - Parameter textsEach: of each member; they follow each other in the task's texts.
    static func cut(_ members: [Int], into size: Int, textsEach: Int) -> [[Int]] {
        stride(from: 0, to: members.count, by: size).flatMap { start in
            (0..<textsEach).map { place in
                members[start..<min(start + size, members.count)].map { $0 * textsEach + place }
            }
        }
    }
}
