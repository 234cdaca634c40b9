extension Diagnostic {
    /// The error for a name that is not among those allowed: lists them, and guesses which was meant.
    public static func unknown(
        _ kind: String, _ name: String, among allowed: some Sequence<String>, at location: SourceLocation? = nil
    ) -> Diagnostic {
        let allowed = Array(allowed)
        let guess = nearestName(to: name, among: allowed).map { "did you mean \"\($0)\"?" }
        return Diagnostic(
            "unknown \(kind) \"\(name)\"; expected one of: \(allowed.joined(separator: ", "))",
            at: location, suggestion: guess)
    }
}

/// The allowed name that `name` is most likely a misspelling of: at most a third of its letters edited.
///
/// - Returns: nil where nothing is near; the first in order where several are equally near.
public func nearestName(to name: String, among allowed: some Sequence<String>) -> String? {
    let length = name.count
    let limit = max(1, length / 3)
    var best: (name: String, distance: Int)?
    // Each letter more is an edit: a damaged file's name of a thousand letters is compared with nothing.
    for candidate in allowed where abs(candidate.count - length) <= limit {
        let distance = editDistance(name.lowercased(), candidate.lowercased())
        if distance <= limit, distance < best?.distance ?? .max {
            best = (candidate, distance)
        }
    }
    return best?.name
}

/// The optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
func editDistance(_ a: String, _ b: String) -> Int {
    let a = Array(a)
    let b = Array(b)
    var beforePrevious = [Int]()
    var previous = Array(0...b.count)
    for i in a.indices {
        var current = [i + 1]
        for j in b.indices {
            var distance = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                distance = min(distance, beforePrevious[j - 1] + 1)
            }
            current.append(distance)
        }
        (beforePrevious, previous) = (previous, current)
    }
    return previous[b.count]
}
