import Foundation
import Running

/// Where the parts of a result are, beside it: `results/x.parts` for `results/x.h5`.
///
/// Parts and blocks are named by what is in them, so that several submissions, and several versions of an experiment,
/// share what they have in common. Each file is written beside its place and renamed: a file system over the network
/// needs to know no more than that, and exclusive links.
public struct WorkFolder: Hashable, Sendable {
    public let path: String

    /// - Parameter result: the result's file
    public init(result: String) {
        let file = URL(fileURLWithPath: result).standardizedFileURL
        path = file.deletingPathExtension().path + ".parts"
    }

    /// A run's finished part: an ordinary result file.
    func part(_ id: String) -> String { "\(path)/runs/\(id).h5" }

    /// The embeddings of a run that isn't finished.
    func blocks(of part: String) -> String { "\(path)/blocks/\(part)" }

    var claims: String { path + "/claims" }

    /// What was handed to a cluster, a file an array.
    var jobs: String { path + "/jobs" }

    /// The folder of a submission: its manifest, script and logs.
    func submission(_ id: String) -> String { "\(path)/submissions/\(id)" }

    func has(_ part: String) -> Bool { FileManager.default.fileExists(atPath: self.part(part)) }
}
