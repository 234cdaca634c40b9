import Diagnostics
import Foundation
import HDF5
import Numerics
import Results
import TestSupport
import Testing

@Suite("Files that are no results, and results that are no files")
struct FailureTests {
    @Test("A missing file, a folder and another kind of file are each named as such")
    func notAResult() throws {
        try Fixtures.withTemporaryFolder { folder in
            #expect(readError(folder + "/none.h5") == "\(folder)/none.h5: no such file")
            #expect(readError(folder) == "\(folder): expected an HDF5 file, found a folder")
            let text = folder + "/text.h5"
            for content in ["", "run,task\n", String(repeating: "x", count: 10_000)] {
                try Data(content.utf8).write(to: URL(fileURLWithPath: text))
                #expect(readError(text) == "\(text): expected an HDF5 file, found something else")
            }
        }
    }

    @Test("A file cut short anywhere is an error, never a crash")
    func truncated() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/result.h5"
            try Samples.full.write(to: path)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for length in stride(from: 8, to: whole.count, by: max(1, whole.count / 50)) {
                try whole.prefix(length).write(to: URL(fileURLWithPath: path))
                #expect(readError(path).hasPrefix("\(path): HDF5 cannot open the file"), "\(length) bytes")
            }
        }
    }

    @Test("A changed byte anywhere is a line that says so, or changes nothing: no crash, no hang, no other content")
    func damaged() throws {
        // BELLM_FUZZ_SECONDS makes it longer, as other fuzzers.
        let seconds = ProcessInfo.processInfo.environment["BELLM_FUZZ_SECONDS"].flatMap(Double.init) ?? 0
        let end = ContinuousClock.now + .seconds(seconds)
        var random = SplitMix64(seed: UInt64(seconds) + 7)
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/result.h5"
            var original = Samples.full
            original.runs[1].warnings = ["short"]
            try original.write(to: path)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            var tried = 0
            while tried < 2000 || ContinuousClock.now < end {
                tried += 1
                var bytes = whole
                let place = random.next(below: whole.count)
                bytes[place] ^= UInt8(1 + random.next(below: 255))
                try bytes.write(to: URL(fileURLWithPath: path))
                do {
                    let read = try ExperimentResult(contentsOf: path)
                    #expect(read == original, "byte \(place)")
                } catch {
                    let line = "\(error)"
                    #expect(
                        error is Diagnostic && line.hasPrefix(path) && !line.contains("\n"), "byte \(place): \(line)")
                }
            }
        }
    }

    @Test("A matrix of embeddings is an HDF5 file, but no result")
    func embeddings() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/e.h5"
            try HDF5.writeMatrix(to: path, shape: (1, 1)) { try $0.append([1]) }
            #expect(
                readError(path) == """
                    \(path): expected a result, found an HDF5 file without the attribute "schema_version"; \
                    it holds embeddings, as `bellm embed` writes them
                    """)
        }
    }

    @Test("A result that contradicts itself is not written, and the old file stays")
    func contradictions() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/result.h5"
            try Samples.full.write(to: path)
            var twice = Samples.full
            twice.runs.append(twice.runs[0])
            #expect(writeError(twice, path) == "\(path): expected one run of each name, found two named \"mean\"")
            var reserved = Samples.full
            reserved.provenance.append(ProvenanceEntry("schema_version", "7"))
            #expect(writeError(reserved, path).hasSuffix("found two named \"schema_version\""))
            var unnamed = Samples.full
            unnamed.provenance.append(ProvenanceEntry("", "7"))
            #expect(writeError(unnamed, path).contains("expected a name"))
            var bare = Samples.full
            bare.published.append(PublishedRow(paper: "p", name: "bare"))
            #expect(writeError(bare, path).hasSuffix("expected a score in the published row \"bare\", found none"))
            #expect(try ExperimentResult(contentsOf: path) == Samples.full)
        }
    }

    @Test(
        "A number that nothing can be computed with is refused with its column",
        arguments: [1e308, -.infinity, .infinity])
    func beyondComputing(number: Double) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/result.h5"
            var result = Samples.full
            result.measures[0].measure.value = number
            try result.write(to: path)
            let error = try #require(throws: Diagnostic.self) { try ExperimentResult(contentsOf: path) }
            #expect(error.description.contains("column \"value\": expected a number of at most 1e+100"), "\(error)")
        }
    }

    @Test("A folder where the file should be, and a folder that cannot be made, are errors")
    func unwritable() throws {
        try Fixtures.withTemporaryFolder { folder in
            #expect(writeError(Samples.full, folder) == "\(folder): cannot write a file here: it is a folder")
            try Data().write(to: URL(fileURLWithPath: folder + "/file"))
            #expect(
                writeError(Samples.full, folder + "/file/result.h5")
                    == "\(folder)/file/result.h5: cannot write: Not a directory")
        }
    }
}

/// What reading says; `read` where it succeeds.
func readError(_ path: String) -> String {
    do {
        _ = try ExperimentResult(contentsOf: path)
        return "read"
    } catch {
        return "\(error)"
    }
}

private func writeError(_ result: ExperimentResult, _ path: String) -> String {
    do {
        try result.write(to: path)
        return "written"
    } catch {
        return "\(error)"
    }
}
