import Files

extension TrainingData {
    /// Drops examples that have an empty sentence, that repeat an earlier one, or that have a sentence of an evaluation
    /// set. The order stays.
    ///
    /// - Parameter evaluation: nil to keep what is in evaluation sets.
    public mutating func clean(against evaluation: EvaluationSentences?) -> CleaningReport {
        var report = CleaningReport()
        report.examples = examples.count
        var seen = Set<TrainingExample>()
        examples = examples.filter { example in
            if example.sentences.contains(where: TextFile.isBlank) {
                report.empty += 1
                return false
            }
            guard seen.insert(example).inserted else {
                report.repeated += 1
                return false
            }
            let tasks = Set(example.sentences.flatMap { evaluation?.tasks(with: $0) ?? [] })
            for task in tasks { report.contaminatedByTask[task, default: 0] += 1 }
            if !tasks.isEmpty { report.contaminated += 1 }
            return tasks.isEmpty
        }
        report.kept = examples.count
        return report
    }
}
