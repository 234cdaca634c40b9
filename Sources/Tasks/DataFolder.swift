import Diagnostics
import Foundation

/// A folder with the benchmarks' files in SentEval's layout: `downstream/STS/STS12-en-test/STS.input.MSRpar.txt`, …
public struct DataFolder: Hashable, Sendable {
    /// nil for no folder, which has users' own files alone.
    public let path: String?
    /// The text that its tasks must hold; nil where any will do.
    public let text: TextVariant?

    /// No folder.
    public static let none = DataFolder()

    private init() { (path, text) = (nil, nil) }

    /// - Parameters:
    ///   - path: a folder with `downstream` in it, or one with a folder of that kind for each text, `raw` and `senteval`.
    ///   - text: the text wanted: `PATH/TEXT` is taken where it is there, else `PATH`.
    /// - Throws: a diagnostic where there is no such folder, no `downstream` in it, or a choice to make.
    public init(_ path: String, text: TextVariant? = nil) throws {
        guard Self.isFolder(path) else {
            throw Diagnostic("expected a data folder, found none", at: SourceLocation(file: path))
        }
        let choices = TextVariant.official.filter { Self.isFolder("\(path)/\($0.rawValue)/downstream") }
        self.text = text
        if let text, choices.contains(text) {
            self.path = "\(path)/\(text.rawValue)"
        } else if Self.isFolder(path + "/downstream") {
            self.path = path
        } else {
            throw Self.noDownstream(in: path, choices: choices.map(\.rawValue), wanted: text?.rawValue)
        }
    }

    private static func noDownstream(in path: String, choices: [String], wanted: String?) -> Diagnostic {
        let location = SourceLocation(file: path)
        guard !choices.isEmpty else {
            return Diagnostic(
                "expected a data folder in SentEval's layout, found no folder \"downstream\" in it",
                at: location, suggestion: "name the folder that holds downstream/STS/…")
        }
        if let wanted {
            return Diagnostic(
                "expected the text \(wanted), found only \(choices.joined(separator: " and ")) in this data folder",
                at: location)
        }
        return Diagnostic(
            "this data folder holds the text \(choices.joined(separator: " and ")) in folders of their own",
            at: location,
            suggestion: "choose with "
                + choices.map { "`text: \($0)` in the experiment or --set text=\($0)" }.joined(separator: ", "))
    }

    /// Whether any file of the task is here. Loading a task that is here in part is an error.
    public func has(_ task: TaskDescription) -> Bool {
        task.paths.contains { exists($0, in: task) }
    }

    /// Reads a task's data.
    ///
    /// - Throws: a diagnostic that says how to get the task where none of its files is here; one with the file's
    ///   name where one of them is missing; one with file and line for a row that is not what its format asks for.
    public func load(_ task: TaskDescription) throws -> LoadedTask {
        guard has(task) else { throw missing(task) }
        for file in task.paths where !exists(file, in: task) {
            throw Diagnostic(
                "no such file, though other files of \(task.name) are here",
                at: SourceLocation(file: location(of: file, in: task)))
        }
        let kind = try task.lookUpKind()
        try kind.check(task)
        var reader = TaskReader(task) { location(of: $0, in: task) }
        let content = try kind.init(task, from: &reader)
        guard content.count > 0 else {
            throw Diagnostic(
                "expected \(kind.unit) of \(task.name), found none",
                at: task.files.first.map { SourceLocation(file: location(of: $0.path, in: task)) })
        }
        if let text = content.texts.first(where: { !kind.roles.contains($0.role) }) {
            throw Diagnostic(
                "a text of \(task.name) is of the role \(text.role), which the kind \(kind.name) doesn't declare")
        }
        let loaded = LoadedTask(task, content, skipped: reader.skipped, files: reader.files)
        try checkText(of: loaded)
        if let count = task.count, count != content.count, loaded.foreignFile == nil {
            throw Diagnostic(
                "\(task.name) says count: \(count), its files have \(content.count) \(kind.unit)", at: task.location)
        }
        return loaded
    }

    /// The official files of one text are not taken for the other, nor is unknown content for either.
    private func checkText(of task: LoadedTask) throws {
        if let text, let file = task.foreignFile {
            throw Diagnostic(
                "expected the text \(text.rawValue) of \(task.name), found unknown content, SHA-256 "
                    + "\(file.sha256.prefix(12))…",
                at: SourceLocation(file: path.map { "\($0)/\(file.path)" } ?? file.path),
                suggestion: "describe it as a task of its own, or ask for no text")
        }
        guard let text, TextVariant.official.contains(task.textVariant), !task.variants.contains(text) else { return }
        throw Diagnostic(
            "expected the text \(text.rawValue), found \(task.name) with the text \(task.textVariant.rawValue)",
            at: path.map { SourceLocation(file: $0) })
    }

    /// What to do about a task that is not here, in one line.
    public static func howToGet(_ task: TaskDescription) -> String {
        let senteval = "name a data folder of SentEval's get_transfer_data.bash, through --data or BELLM_DATA"
        return task.obtain.isEmpty ? senteval : task.obtain
    }

    /// Where a file of a task is: below `downstream`, else in the folder itself or the one that it lies in, as a training's
    /// data may be; or as a user named it.
    func location(of file: String, in task: TaskDescription) -> String {
        if task.isUsersOwn { return file }
        guard let path else { return "downstream/\(file)" }
        // A data folder of one text variant lies in the folder that holds all data.
        let around = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let places = ["\(path)/downstream/\(file)", "\(path)/\(file)", "\(around)/\(file)"]
        return places.first(where: FileManager.default.fileExists) ?? places[0]
    }

    private func exists(_ file: String, in task: TaskDescription) -> Bool {
        (task.isUsersOwn || path != nil) && FileManager.default.fileExists(atPath: location(of: file, in: task))
    }

    /// Its path, for a message.
    public var title: String { path ?? "(there is none)" }

    private func missing(_ task: TaskDescription) -> Diagnostic {
        let file = task.files.first?.path ?? ""
        if task.isUsersOwn {
            return Diagnostic("no such file: \(location(of: file, in: task))", at: task.location)
        }
        return Diagnostic(
            "\(task.name) is not in this data folder: expected downstream/\(file)",
            at: path.map { SourceLocation(file: $0) }, suggestion: Self.howToGet(task))
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
