import Diagnostics
import Objectives

/// A column of the training's file, or a key of its lines, that says what a teacher thinks of each pair.
public struct TeacherColumn: Hashable, Sendable {
    public var name: String
    /// What stands for the lowest cosine.
    public var lowest: Double
    /// What stands for a cosine of 1.
    public var highest: Double
    /// What the lowest number stands for: 0 where it is that two sentences have nothing in common, -1 for cosines.
    public var lowestCosine: Double

    /// - Throws: where there is no such range.
    public init(_ name: String, lowest: Double, highest: Double, lowestCosine: Double = 0) throws(Diagnostic) {
        guard (highest - lowest).isFinite, highest > lowest else {
            throw Diagnostic.expectedNumber("highest", "above lowest (\(lowest))", found: highest)
        }
        guard lowestCosine >= -1, lowestCosine < 1 else {
            throw Diagnostic.expectedNumber("lowest_cosine", "from -1 to below 1", found: lowestCosine)
        }
        (self.name, self.lowest, self.highest, self.lowestCosine) = (name, lowest, highest, lowestCosine)
    }

    /// The cosine that a number of the column stands for.
    func similarity(_ number: Double, at location: SourceLocation) throws(Diagnostic) -> Double {
        guard (lowest...highest).contains(number) else {
            throw Diagnostic(
                "expected \(name) to be from \(lowest) to \(highest), found \(number)", at: location,
                suggestion: "set the teacher's lowest and highest")
        }
        return lowestCosine + (1 - lowestCosine) * (number - lowest) / (highest - lowest)
    }

    /// The error for a file without the column.
    func missing(among names: [String], at location: SourceLocation) -> Diagnostic {
        Diagnostic.unknown("column of a teacher", name, among: names, at: location)
    }
}

extension TrainingExample {
    /// With what a teacher says of its two sentences; as it is where it has more.
    package func taught(by similarity: Double) -> TrainingExample {
        guard sentences.count == 2 else { return self }
        var example = TrainingExample(kind.taught, sentences, values: values + [[similarity]], textRoles: textRoles)
        (example.file, example.seenAs) = (file, seenAs)
        return example
    }
}
