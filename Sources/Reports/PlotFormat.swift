import Diagnostics
import Files
import Foundation

/// What a drawing is written as.
public enum PlotFormat: String, CaseIterable, Sendable {
    case svg, pdf, png

    /// What a file's ending says.
    ///
    /// - Throws: for a name that ends otherwise
    public init(endingOf path: String) throws(Diagnostic) {
        let ending = URL(fileURLWithPath: path).pathExtension.lowercased()
        guard let format = PlotFormat(rawValue: ending) else {
            let known = Self.allCases.map { ".\($0.rawValue)" }.joined(separator: ", ")
            throw Diagnostic(
                "expected a file that ends in \(known), found " + (ending.isEmpty ? "no ending" : ".\(ending)"),
                at: SourceLocation(file: path))
        }
        self = format
    }

    var kind: OutputKind {
        switch self {
        case .svg: .drawing
        case .pdf: .pdf
        case .png: .png
        }
    }

    /// - Throws: where what the format needs isn't installed
    public func checkTools() throws(Diagnostic) {
        if self != .svg { _ = try PlotConverter.program() }
    }
}

/// Makes PDF and PNG of a drawing by librsvg's program.
///
/// As a child process: librsvg and cairo as libraries would be a dependency of every build, for what few ask for, and a drawing
/// that they stumble on could take this program with it.
struct PlotConverter {
    private static let name = "rsvg-convert"
    /// Dots of PNG for one of the drawing's units: 288 an inch of paper.
    private static let zoom = 3
    private let format: PlotFormat

    init(_ format: PlotFormat) { self.format = format }

    static func program() throws(Diagnostic) -> String {
        guard let path = ChildProcess.path(of: name) else {
            throw Diagnostic(
                "PDF and PNG need \(name), which is not installed",
                suggestion: "install Debian's librsvg2-bin, or write .svg")
        }
        return path
    }

    func write(_ svg: String, to destination: OutputDestination) throws {
        let program = try Self.program()
        try destination.replace { path in
            let drawing = try FilePath.join(TemporaryFile.folder(), "bellm-" + UUID().uuidString + ".svg")
            defer { unlink(drawing) }
            try AtomicFile.replace(drawing, with: svg)
            let zoom = format == .png ? ["--zoom", String(Self.zoom)] : []
            let arguments = ["--format", format.rawValue, "--output", path] + zoom + [drawing]
            let outcome = try ChildProcess(program: program, arguments: arguments).run()
            guard outcome.status == 0, !outcome.wasKilled else {
                let said = outcome.errors.split(separator: "\n").first.map { ": \($0)" } ?? ""
                throw Diagnostic("\(Self.name) failed\(said)", at: SourceLocation(file: destination.path))
            }
            let url = URL(fileURLWithPath: path)
            try format.kind.marked(Data(contentsOf: url)).write(to: url)
        }
    }
}
