import Tasks
import Diagnostics
import Files
import Foundation

extension TrainingData {
    /// Reads a JSON value a line: objects with the keys of a form, all of the same, or arrays of two sentences (a pair) or
    /// three (a triplet), as AllNLI is spread.
    init(jsonLines path: String, teacher: TeacherColumn?) throws {
        let lines = try TextFile.lines(of: path)
        let decoder = JSONDecoder()
        var form: ExampleForm?
        var examples: [TrainingExample] = []
        for (index, line) in lines.enumerated() {
            let location = SourceLocation(file: path, line: index + 1)
            let row = try JSONRow(line, decoder, at: location)
            let expected = try form ?? row.form(at: location)
            form = expected
            let example = try row.example(expected, at: location)
            guard let teacher else {
                examples.append(example)
                continue
            }
            let number = try row.number(of: teacher, at: location)
            examples.append(example.taught(by: try teacher.similarity(number, at: location)))
        }
        self.init(
            form: form, examples: examples,
            files: [
                LoadedFile(path: path, sha256: SHA256Digest(of: try TextFile.bytes(of: path)).description, variants: [])
            ])
    }
}

/// A line's values by key; of an array, by the names that its sentences would have.
private struct JSONRow {
    let fields: [String: JSONField]

    init(_ line: String, _ decoder: JSONDecoder, at location: SourceLocation) throws {
        let data = Data(line.utf8)
        if line.first == "[" {
            guard let sentences = try? decoder.decode([String].self, from: data), (2...3).contains(sentences.count)
            else {
                throw Diagnostic(
                    "expected an array of 2 or 3 sentences, found \(line.prefix(60))", at: location)
            }
            fields = Dictionary(
                uniqueKeysWithValues: zip(["anchor", "positive", "negative"], sentences.map(JSONField.text)))
        } else if let object = try? decoder.decode([String: JSONField].self, from: data) {
            fields = object
        } else {
            throw Diagnostic("expected a JSON object, found \"\(line.prefix(60))\"", at: location)
        }
    }

    func number(of teacher: TeacherColumn, at location: SourceLocation) throws -> Double {
        guard let field = fields[teacher.name] else {
            throw teacher.missing(among: fields.keys.sorted(), at: location)
        }
        guard case .number(let number) = field, number.isFinite else {
            throw Diagnostic("expected \"\(teacher.name)\" to be a number, without quotes", at: location)
        }
        return number
    }

    func form(at location: SourceLocation) throws -> ExampleForm {
        try ExampleForm.recognise(fields.keys.sorted(), at: location)
    }

    func example(_ form: ExampleForm, at location: SourceLocation) throws -> TrainingExample {
        guard try self.form(at: location) == form else {
            throw Diagnostic(
                "expected \(form.fields.joined(separator: ",")) as on line 1, found "
                    + fields.keys.sorted().joined(separator: ","), at: location)
        }
        let width = form.kind.roles.count
        let sentences = try form.fields[..<width].map { name in
            guard case .text(let text) = fields[name] else {
                throw Diagnostic("expected \"\(name)\" to be a sentence, in quotes", at: location)
            }
            return text
        }
        guard form.fields.count > width else { return form.example(sentences, score: 0) }
        guard case .number(let score) = fields[form.fields[width]] else {
            throw Diagnostic("expected \"\(form.fields[width])\" to be a number, without quotes", at: location)
        }
        return form.example(sentences, score: try DecimalRange.score.check(score, at: location))
    }
}

private enum JSONField: Decodable {
    case text(String)
    case number(Double)
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .other
        }
    }
}
