import Foundation
import Numerics
import Workers

/// How SentEval makes one accuracy of labelled examples: which are learnt from, which choose the penalty, which test.
///
/// Source: A. Conneau and D. Kiela, "SentEval", LREC 2018; `senteval/tools/validation.py`.
public enum TransferProtocol: Hashable, Sendable {
    /// Ten folds test in turn; within the other nine, ten inner folds choose the penalty. MR, CR, SUBJ, MPQA.
    case nestedFolds
    /// Ten folds of the training part choose the penalty; the test part is given. TREC, MRPC.
    case foldsAndTest
    /// The development part chooses the penalty; the test part is given. SST2.
    case developmentAndTest

    package static let folds = 10

    /// The one that the examples' parts ask for.
    init(parts: Set<LabelledExample.Part>) {
        self = parts.contains(.development) ? .developmentAndTest : parts.contains(.test) ? .foldsAndTest : .nestedFolds
    }

    /// How many classifiers are fitted: one a penalty and fold, and with the penalty chosen one more a test.
    package var fits: Int {
        switch self {
        case .nestedFolds: Self.folds * (Self.folds * inversePenalties.count + 1)
        case .foldsAndTest: Self.folds * inversePenalties.count + 1
        case .developmentAndTest: inversePenalties.count + 1
        }
    }

    /// The values of C to choose from.
    var inversePenalties: [Double] {
        self == .foldsAndTest ? [0.5, 1, 2, 4, 8, 16, 32] : [0.25, 0.5, 1, 2, 4, 8]
    }
}

/// Labelled examples in SentEval's order, and what a classifier sees of them.
package struct TransferEvaluation: Sendable {
    private let regression: LogisticRegression
    private let method: TransferProtocol
    private let parts: [LabelledExample.Part]
    private let workers: Int

    /// What came out.
    package struct Outcome: Hashable, Sendable {
        /// The share of correct classes among the tested examples, 0 to 1; in folds, the mean of the folds' shares. NaN
        /// where there are too few examples to learn from or to test.
        package var accuracy: Double
        /// Of class 1 against the others, 0 to 1.
        package var f1: Double
        /// How many examples were tested.
        package var tested: Int
        /// What they were taken for.
        package var predictions: [Prediction] = []
    }

    /// What a tested example was taken for.
    package struct Prediction: Hashable, Sendable {
        /// Its place among the examples.
        package var example: Int
        /// The fold that tested it; 0 where a part is tested.
        package var fold: Int
        package var predicted: Int
    }

    /// - Parameters:
    ///   - features: [examples, features]; must not be written after this.
    ///   - workers: threads that compute at the same time.
    package init(
        features: Matrix, labels: [Int], parts: [LabelledExample.Part], method: TransferProtocol, workers: Int
    ) {
        precondition(features.rows == labels.count && labels.count == parts.count, "an example a row")
        let classes = max(2, (labels.max() ?? 0) + 1)
        regression = LogisticRegression(
            features: CentredFeatures(centring: features), loss: LogisticLoss(labels: labels, classes: classes))
        self.method = method
        self.parts = parts
        self.workers = workers
    }

    private var labels: [Int] { regression.loss.labels }

    /// One processor's time to fit and test, in seconds, to within a factor of two. From CR with 144 and with 576 features
    /// of SmolLM2: more features are more to multiply by, and more steps of the minimiser.
    static func forecastSeconds(labels: [Int], method: TransferProtocol, features: Int) -> Double {
        let classes = (labels.max() ?? 0) + 1
        let logits = Double(method.fits * labels.count * (classes > 2 ? classes : 1))
        return 1.7e-5 * logits * pow(Double(features) / 576, 1.75)
    }

    /// - Throws: `CancellationError` when the task is cancelled.
    package func run() async throws -> Outcome {
        let all = Array(labels.indices)
        let learnt = all.filter { parts[$0] == .training }
        let tested = method == .nestedFolds ? learnt : all.filter { parts[$0] == .test }
        let fewest = Dictionary(grouping: learnt) { labels[$0] }.values.map(\.count)
        guard fewest.count > 1, (fewest.max() ?? 0) > Self.folds, !tested.isEmpty else {
            return Outcome(accuracy: .nan, f1: .nan, tested: tested.count)
        }
        switch method {
        case .nestedFolds: return try await nested(learnt)
        case .foldsAndTest:
            let penalty = try await choose(learnt, by: folds(of: learnt))
            return try score(learning: learnt, penalty, testing: tested)
        case .developmentAndTest:
            let development = all.filter { parts[$0] == .development }
            let penalty = try await choose(learnt + development, by: [development])
            return try score(learning: learnt, penalty, testing: tested)
        }
    }

    private static let folds = TransferProtocol.folds

    private func nested(_ examples: [Int]) async throws -> Outcome {
        let outer = folds(of: examples)
        let outcomes = try await WorkerPool.shared.map(outer.count, workers: workers) { fold in
            let learnt = subtract(outer[fold], from: examples)
            let penalty = try chooseHere(learnt, by: folds(of: learnt))
            return try score(learning: learnt, penalty, testing: outer[fold], fold: fold)
        }
        // F1 is of all folds' predictions together: a fold without a positive has none of its own.
        let predictions = outcomes.flatMap(\.predictions)
        return Outcome(
            accuracy: outcomes.map(\.accuracy).reduce(0, +) / Double(outcomes.count), f1: f1(of: predictions),
            tested: examples.count, predictions: predictions)
    }

    /// The examples that each fold tests.
    private func folds(of examples: [Int]) -> [[Int]] {
        let assigned = StratifiedFolds.assign(examples.map { labels[$0] }, count: Self.folds)
        return (0..<Self.folds).map { fold in zip(examples, assigned).filter { $0.1 == fold }.map(\.0) }
    }

    private func subtract(_ removed: [Int], from examples: [Int]) -> [Int] {
        let removed = Set(removed)
        return examples.filter { !removed.contains($0) }
    }

    /// The penalty with the best mean accuracy in percent, rounded to two decimals as SentEval does, the first of
    /// several.
    private func choose(_ examples: [Int], by folds: [[Int]]) async throws -> Double {
        let found = try await WorkerPool.shared.map(folds.count, workers: workers) { fold in
            try accuracies(examples, testing: folds[fold])
        }
        return best(found)
    }

    /// The same on this thread, all folds at once.
    private func chooseHere(_ examples: [Int], by folds: [[Int]]) throws -> Double {
        let predictions = try regression.predictions(
            of: folds.flatMap { fold in problems(subtract(fold, from: examples)) })
        let count = method.inversePenalties.count
        return best(
            folds.enumerated().map { number, fold in
                (0..<count).map { accuracy(predictions[number * count + $0], on: fold) }
            })
    }

    private func accuracies(_ examples: [Int], testing fold: [Int]) throws -> [Double] {
        try regression.predictions(of: problems(subtract(fold, from: examples))).map { accuracy($0, on: fold) }
    }

    /// A problem a penalty.
    private func problems(_ learnt: [Int]) -> [LogisticRegression.Problem] {
        var training = [Bool](repeating: false, count: labels.count)
        for example in learnt { training[example] = true }
        return method.inversePenalties.map { .init(training: training, inversePenalty: $0) }
    }

    /// - Parameter accuracies: for each fold, one a penalty.
    private func best(_ accuracies: [[Double]]) -> Double {
        let penalties = method.inversePenalties
        let scores = penalties.indices.map { index in
            let mean = accuracies.map { $0[index] }.reduce(0, +) / Double(accuracies.count)
            return (mean * 10_000).rounded(.toNearestOrEven)
        }
        let best = scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
        return penalties[best]
    }

    private func score(
        learning learnt: [Int], _ penalty: Double, testing tested: [Int], fold: Int = 0
    ) throws -> Outcome {
        var training = [Bool](repeating: false, count: labels.count)
        for example in learnt { training[example] = true }
        let predicted = try regression.predictions(of: .init(training: training, inversePenalty: penalty))
        let predictions = tested.map { Prediction(example: $0, fold: fold, predicted: predicted[$0]) }
        return Outcome(
            accuracy: accuracy(predicted, on: tested), f1: f1(of: predictions), tested: tested.count,
            predictions: predictions)
    }

    /// Of class 1 against the others; 0 where it is neither there nor predicted.
    private func f1(of predictions: [Prediction]) -> Double {
        let hits = predictions.count { $0.predicted == 1 && labels[$0.example] == 1 }
        let either = predictions.count { $0.predicted == 1 } + predictions.count { labels[$0.example] == 1 }
        return either == 0 ? 0 : 2 * Double(hits) / Double(either)
    }

    private func accuracy(_ predicted: [Int], on tested: [Int]) -> Double {
        Double(tested.count { predicted[$0] == labels[$0] }) / Double(tested.count)
    }
}
