extension Prompts {
    /// The prompts as `Padding.visible` has them: each with tokens behind it up to the longest of its batch.
    ///
    /// A prompt's companions matter by the longest one's length and nothing else. So a prompt that several batches pad
    /// to the same length is there once, and one that they pad to different lengths as often as it has lengths.
    ///
    /// - Parameters:
    ///   - rows: for each sentence, its prompt
    ///   - batches: sentences that are padded together, each in one batch; one that is in none stays as it is
    ///   - token: the one to pad with
    /// - Returns: the prompts, and for each sentence its own among them.
    public func padded(rows: [Int], batches: [[Int]], with token: Int32) -> (prompts: Prompts, rows: [Int]) {
        struct Padded: Hashable {
            var prompt: Int
            var padding: Int
        }
        var paddings = rows.map { _ in 0 }
        for batch in batches {
            let longest = batch.map { tokens[rows[$0]].count }.max() ?? 0
            // What has no token has no vector, in any company.
            for sentence in batch where !tokens[rows[sentence]].isEmpty {
                paddings[sentence] = longest - tokens[rows[sentence]].count
            }
        }
        var numbers: [Padded: Int] = [:]
        var distinct: [Padded] = []
        let found = zip(rows, paddings).map { row, padding in
            let key = Padded(prompt: row, padding: padding)
            if let number = numbers[key] { return number }
            numbers[key] = distinct.count
            distinct.append(key)
            return distinct.count - 1
        }
        return (taking(distinct.map { ($0.prompt, $0.padding) }, padToken: token), found)
    }
}
