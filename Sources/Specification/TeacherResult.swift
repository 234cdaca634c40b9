import Diagnostics
import Files
import Foundation

/// A result's file whose cosines of a task's pairs teach, such as those of a run with an adapter, or of one that averages prompts.
public struct TeacherResult: Hashable, Sendable {
    /// Its path; empty where only what it says counts.
    public var file: String
    /// Which of its runs; nil for the only one.
    public var run: String?

    public init(file: String, run: String?) { (self.file, self.run) = (file, run) }

    static let keys = ["result", runKey]
    static let runKey = "run"
}

extension ConfigNode {
    /// `{result: FILE.h5, run: NAME}`, with the run left out where there is one alone.
    func teacherResult() throws -> TeacherResult {
        var problems = ConfigProblems()
        for problem in unknownKeys("key of a teacher that is a result", among: TeacherResult.keys) {
            problems.add(problem)
        }
        try problems.throwIfAny()
        let node = try required("result")
        let path = ConfigSource.resolve(try node.text("the file of a result"), in: node.folder)
        return TeacherResult(file: path, run: try self[TeacherResult.runKey]?.text("the name of a run"))
    }
}

extension ConfigNode.Content {
    static func result(_ result: TeacherResult) -> Self {
        var entries: [(String, Self)] = [
            ("result", .text(result.file.isEmpty ? "" : ConfigSource.spelling(of: result.file)))
        ]
        if let run = result.run { entries.append((TeacherResult.runKey, .text(run))) }
        return .entries(entries)
    }
}
