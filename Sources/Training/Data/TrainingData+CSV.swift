import Tasks
import Diagnostics
import Files

extension TrainingData {
    /// Reads a comma-separated file whose header names its columns, such as SimCSE's `sent0,sent1,hard_neg`.
    init(csv path: String, teacher: TeacherColumn?) throws {
        let file = try CSVFile(path: path)
        guard let header = file.records.first else {
            throw Diagnostic("expected a header, found an empty file", at: SourceLocation(file: path))
        }
        let form = try ExampleForm.recognise(header.fields, at: SourceLocation(file: path, line: 1))
        let names = try ColumnHeader(header.fields, at: SourceLocation(file: path, line: 1))
        let columns = try form.fields.compactMap { try names.place(of: $0) }
        let width = form.kind.roles.count
        let taught = try teacher.map { teacher in
            guard let column = try names.place(of: teacher.name) else {
                throw teacher.missing(among: header.fields, at: SourceLocation(file: path, line: 1))
            }
            return (teacher, column)
        }
        let examples = try file.records.dropFirst().map { record in
            let location = SourceLocation(file: path, line: record.line)
            guard record.fields.count == header.fields.count else {
                throw Diagnostic(
                    "expected \(header.fields.count) columns (\(header.fields.joined(separator: ","))), "
                        + "found \(record.fields.count)", at: location)
            }
            let values = columns.map { record.fields[$0] }
            let score = values.count > width ? try Self.score(values[width], at: location) : 0
            let example = form.example(Array(values[..<width]), score: score)
            guard let (teacher, column) = taught else { return example }
            let number = try Self.score(record.fields[column], called: teacher.name, at: location)
            return example.taught(by: try teacher.similarity(number, at: location))
        }
        self.init(
            form: form, examples: examples,
            files: [LoadedFile(path: path, sha256: file.sha256, variants: [])])
    }

    private static func score(
        _ text: String, called name: String = "score", at location: SourceLocation
    ) throws -> Double {
        let isDecimal = text.utf8.allSatisfy { "0123456789.eE+-".utf8.contains($0) }
        guard isDecimal, let score = Double(text) else {
            throw Diagnostic("expected a number as \(name), found \"\(text)\"", at: location)
        }
        return try DecimalRange.score.check(score, at: location)
    }
}
