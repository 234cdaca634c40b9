import Foundation

/// The negative log-likelihood of the labels under a model's logits, and its derivative.
///
/// Two classes have one logit, the second class's against the first's; more have one each (softmax).
struct LogisticLoss: Sendable {
    /// A class an example, counted from 0.
    let labels: [Int]
    let classes: Int

    var logitsPerExample: Int { classes == 2 ? 1 : classes }
    /// An upper bound of the second derivative with respect to a logit.
    static let curvature = 0.25

    /// - Parameters:
    ///   - logits: [logits an example][examples]; in return, the derivative by each, zero outside the training set.
    ///   - training: the examples to learn from.
    /// - Returns: the sum over the training set.
    func differentiate<Scalar: BinaryFloatingPoint>(_ logits: inout [[Scalar]], training: [Bool]) -> Double {
        classes == 2
            ? differentiateBinary(&logits[0], training: training) : differentiateSoftmax(&logits, training: training)
    }

    private func differentiateBinary<Scalar: BinaryFloatingPoint>(
        _ logits: inout [Scalar], training: [Bool]
    ) -> Double {
        var loss = 0.0
        var product = 1.0
        for index in labels.indices {
            guard training[index] else {
                logits[index] = 0
                continue
            }
            let logit = Double(logits[index])
            let label = Double(labels[index])
            let decay = exp(-abs(logit))
            logits[index] = Scalar((logit >= 0 ? 1 : decay) / (1 + decay) - label)
            loss += max(logit, 0) - label * logit
            // The sum of log(1 + decay): one logarithm for many factors, none of them above 2.
            product *= 1 + decay
            if product > 0x1p1000 {
                loss += log(product)
                product = 1
            }
        }
        return loss + log(product)
    }

    private func differentiateSoftmax<Scalar: BinaryFloatingPoint>(
        _ logits: inout [[Scalar]], training: [Bool]
    ) -> Double {
        var loss = 0.0
        var powers = [Double](repeating: 0, count: classes)
        for index in labels.indices {
            guard training[index] else {
                for label in 0..<classes { logits[label][index] = 0 }
                continue
            }
            var highest = -Double.infinity
            for label in 0..<classes { highest = max(highest, Double(logits[label][index])) }
            var total = 0.0
            for label in 0..<classes {
                powers[label] = exp(Double(logits[label][index]) - highest)
                total += powers[label]
            }
            loss += highest + log(total) - Double(logits[labels[index]][index])
            for label in 0..<classes {
                logits[label][index] = Scalar(powers[label] / total - (label == labels[index] ? 1 : 0))
            }
        }
        return loss
    }

    /// The likeliest class of each example.
    func predictions<Scalar: BinaryFloatingPoint>(_ logits: [[Scalar]]) -> [Int] {
        labels.indices.map { index in
            if classes == 2 { return logits[0][index] > 0 ? 1 : 0 }
            return (0..<classes).reduce(0) { logits[$1][index] > logits[$0][index] ? $1 : $0 }
        }
    }
}
