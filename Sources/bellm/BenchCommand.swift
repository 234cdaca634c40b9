import ArgumentParser
import Diagnostics
import Files
import Foundation
import Numerics
import Results
import Running
import Specification

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure the engine: PromptEOL on the sentences of STS-B's test set.",
        discussion: """
            Embeds the sentences several times, each time followed by the same matrix products alone, and prints the \
            medians. docs/performance.md says how to read them; `make bench` compares with other programs.

            Example: bellm bench --precision bfloat16 --quick
            """)

    @Option(help: ArgumentHelp("A name from configs/models, or a path to a .gguf file or a model folder."))
    var model = "smollm2-135m"

    @Option(help: ArgumentHelp("\(Precision.allCases.map(\.rawValue).joined(separator: " or ")).", valueName: "name"))
    var precision = Precision.float32.rawValue

    @OptionGroup var workers: WorkerOptions

    @Option(help: ArgumentHelp("How often. Default: 5, or 3 with --quick.", valueName: "n"))
    var repetitions: Int?

    @Flag(help: "Only every fourth sentence.")
    var quick = false

    @Option(help: ArgumentHelp("An HDF5 file for the figures.", valueName: "file"))
    var output: String?

    func validate() throws {
        if let repetitions { _ = try NumberRange("--repetitions", 1...1000).check(repetitions) }
    }

    func run() async throws {
        guard let precision = Precision(rawValue: precision) else {
            throw Diagnostic.unknown("precision", precision, among: Precision.allCases.map(\.rawValue))
        }
        let destination = try output.map { try OutputDestination($0) }
        try destination?.check()
        try destination.map(ExperimentResult.refuseReplacing)
        try destination?.refuseEnding(otherThan: .hdf5)
        try destination.map(EngineResult.refuseOthers)
        let configs = try ConfigFolder.find(for: ".")
        let reference = try ModelOptions.reference(model)
        let (threads, stride, count) = (workers.count(), quick ? 4 : 1, repetitions ?? (quick ? 3 : 5))
        let result = try await interruptible(keepsWork: false) { [output] in
            let benchmark = try await EngineBenchmark(
                model: reference, configs: configs, linear: LinearMaker(precision: precision), threads: threads,
                everyNth: stride)
            try destination?.refuseInputs()
            let result = try await benchmark.run(repetitions: count) { number, repetition in
                let seconds = [repetition.seconds, repetition.productSeconds].map { String(format: "%.2f s", $0) }
                Console.message("[\(number)/\(count)] \(seconds[0]), products alone \(seconds[1])")
            }
            if let output { try result.write(to: output) }
            return result
        }
        if let output {
            Console.message("written: \(output.visible())")
            if destination?.isStandardOutput == true { return }
        }
        let lines = result.engine.lines
        let width = lines.map(\.label.count).max() ?? 0
        for line in lines {
            try Console.print("\(line.label.padding(toLength: width, withPad: " ", startingAt: 0))  \(line.text)")
        }
    }
}
