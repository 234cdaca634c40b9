import Numerics
import Results

/// By which arithmetic a result's numbers were computed: more than one, where machines of several kinds had a part in it.
extension ExperimentResult {
    private static let key = "arithmetic"

    /// The descriptions, each once.
    var arithmetics: [String] { value(of: Self.key)?.components(separatedBy: Arithmetic.separator) ?? [] }

    /// Lists them in the result's attribute.
    mutating func recordArithmetics(_ arithmetics: [String]) {
        for index in provenance.indices where provenance[index].key == Self.key {
            provenance[index].value = arithmetics.joined(separator: Arithmetic.separator)
        }
    }

    /// Warns of each run of several machines' parts which kind computed it, where they aren't of one.
    ///
    /// - Parameter parts: what the result was merged from
    mutating func sayArithmetic(of parts: [ExperimentResult]) {
        let all = arithmetics
        guard all.count > 1 else { return }
        let own = Dictionary(zip(all, Arithmetic.differences(all)), uniquingKeysWith: { first, _ in first })
        for part in parts {
            let names = Set(part.runs.map(\.name))
            let kinds = part.arithmetics.map { own[$0] ?? $0 }.joined(separator: ", and by ")
            let warning = "machines of this result compute differently in the last digits; this run by " + kinds
            for index in runs.indices where names.contains(runs[index].name) { runs[index].warnings.append(warning) }
        }
    }
}
