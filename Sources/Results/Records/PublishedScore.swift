import HDF5

/// One number of a published row: a row of the file's table `published`, which is long rather than wide.
struct PublishedScore: TableRecord {
    /// Its row, without scores.
    var row: PublishedRow
    /// A task, or `Avg` for the average that the paper prints.
    var task: String
    /// Spearman x 100, as printed.
    var score: Double

    static var blank: PublishedScore { PublishedScore(row: PublishedRow(paper: "", name: ""), task: "", score: .nan) }

    static var columns: [TableColumn<PublishedScore>] {
        [
            .text("paper", \.row.paper),
            .text("name", \.row.name),
            .text("backbone", \.row.backbone),
            .text("trained", \.row.trained),
            .text("source", \.row.source),
            .text("text_variant", \.row.text).optional,
            .texts("known_differences", \.row.differences).optional,
            .text("run", \.row.run).optional,
            .text("task", \.task),
            .real("score", \.score),
        ]
    }

    /// The scores of published rows, row after row.
    static func flattened(_ rows: [PublishedRow]) -> [PublishedScore] {
        rows.flatMap { row in
            var key = row
            (key.scores, key.average) = ([], nil)
            let average =
                row.average.map { [PublishedScore(row: key, task: PublishedRow.averageName, score: $0)] } ?? []
            return row.scores.map { PublishedScore(row: key, task: $0.task, score: $0.score) } + average
        }
    }

    /// The rows whose scores stand one after the other.
    static func grouped(_ scores: [PublishedScore]) -> [PublishedRow] {
        var rows: [PublishedRow] = []
        var key: PublishedRow?
        for score in scores {
            if score.row != key {
                rows.append(score.row)
                key = score.row
            }
            if score.task == PublishedRow.averageName {
                rows[rows.count - 1].average = score.score
            } else {
                rows[rows.count - 1].scores.append(PublishedRow.TaskScore(score.task, score.score))
            }
        }
        return rows
    }
}
