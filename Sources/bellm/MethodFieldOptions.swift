import ArgumentParser
import Diagnostics
import Embedding

/// An option for each field of an embedding method, made from `MethodField.all`: `--prepend-layers` for `prepend_layers`.
///
/// ArgumentParser finds a command's options by reflection and fills them by decoding. So this shows it options that are no
/// properties, and decodes them by the fields' names.
struct MethodFieldOptions: ParsableArguments, CustomReflectable {
    /// What is said of each field: one value, or one for each prompt.
    private var values: [String: [String]] = [:]

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: FieldKey.self)
        for field in MethodField.all {
            let key = FieldKey(stringValue: field.name)
            values[field.name] =
                field.isRepeatable
                ? try container.decode(Option<[String]>.self, forKey: key).wrappedValue
                : try container.decode(Option<String?>.self, forKey: key).wrappedValue.map { [$0] } ?? []
        }
    }

    var customMirror: Mirror {
        Mirror(self, children: MethodField.all.map { (label: $0.name, value: $0.option) })
    }

    /// The options that are given, as they are written.
    var given: [String] { MethodField.all.filter(isGiven).map { "--\($0.optionName)" } }

    func isGiven(_ field: MethodField) -> Bool { values[field.name]?.isEmpty == false }

    func isGiven(_ name: String) -> Bool { values[name]?.isEmpty == false }

    /// The methods that the options say, one for each prompt: at least one.
    func methods() throws(Diagnostic) -> [EmbeddingMethod] {
        let count = max(1, MethodField.ofPrompts.map { values[$0.name]?.count ?? 0 }.max() ?? 1)
        var methods = Array(repeating: EmbeddingMethod.unsaid, count: count)
        for field in MethodField.all {
            guard let said = values[field.name], !said.isEmpty else { continue }
            guard said.count == 1 || said.count == count else {
                throw Diagnostic("expected --\(field.optionName) once, or once for each of \(count) templates")
            }
            for index in methods.indices {
                try field.read(.text(said[min(index, said.count - 1)]), into: &methods[index])
            }
        }
        return methods
    }

    /// ArgumentParser decodes an option by its name.
    private struct FieldKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension MethodField {
    fileprivate var optionName: String {
        String(String.UnicodeScalarView(name.unicodeScalars.map { $0 == "_" ? "-" : $0 }))
    }

    /// Whether the option may be said once for each of several prompts.
    fileprivate var isRepeatable: Bool { scope == .prompt }

    fileprivate var option: Any {
        let help = ArgumentHelp(stringLiteral: summary).named(placeholder)
        // A value may begin with a dash: hidden layer -2.
        return isRepeatable
            ? Option(
                wrappedValue: [String](), name: .customLong(optionName), parsing: .unconditionalSingleValue, help: help)
            : Option<String?>(name: .customLong(optionName), parsing: .unconditional, help: help)
    }
}

extension ArgumentHelp {
    fileprivate func named(_ valueName: String) -> ArgumentHelp {
        var help = self
        help.valueName = valueName
        return help
    }
}
