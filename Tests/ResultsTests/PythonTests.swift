import Foundation
import HDF5
import Results
import TestSupport
import Testing

@Suite("Python reads what is written as it is")
struct PythonTests {
    static let libraries = Fixtures.cache + "/python"
    static let isInstalled = ["h5py", "pandas"].allSatisfy {
        FileManager.default.fileExists(atPath: "\(libraries)/\($0)")
    }

    @Test("h5py and pandas open a result", .enabled(if: PythonTests.isInstalled))
    func result() throws {
        try Fixtures.withTemporaryFolder { folder in
            try Samples.full.write(to: folder + "/r.h5")
            let script = """
                import sys, h5py, pandas
                from urllib.parse import unquote
                f = h5py.File(sys.argv[1])
                assert f.attrs["schema_version"] == 1 and f.attrs["experiment"] == "reproduce-bellm 🔬"
                assert list(f.attrs)[2:5] == ["zebra_first", "config", "empty"], list(f.attrs)
                def frame(name):
                    t = pandas.DataFrame(f[name][:])
                    return t.apply(lambda c: c.str.decode("utf-8") if c.dtype == object else c)
                runs = frame("runs")
                assert list(runs["name"]) == ["mean", "a/b %2F 🍎"] and runs["hidden_layer"][0] == -2
                assert runs["bidirectional_layers"][0] == "[28, 29]" and len(runs["warnings"][1]) > 100000
                scores = frame("scores")
                assert scores.query("run == 'mean' and subset == 'all'")["spearman"].item() == 0.371
                assert sorted(map(unquote, f["pairs"])) == ["a/b %2F 🍎", "mean"]
                pairs = frame("pairs/mean/STS-B")
                assert list(pairs["subset"]) == ["2012", "größer"] and pairs["cosine"][0] == 0.1 + 0.2
                assert len(frame("pairs/mean/A task")) == 0 and len(frame("published")) == 4
                print("ok")
                """
            let printed = try python(script, folder + "/r.h5")
            #expect(printed == "ok\n")
        }
    }

    @Test("h5py opens embeddings", .enabled(if: PythonTests.isInstalled))
    func embeddings() throws {
        try Fixtures.withTemporaryFolder { folder in
            let attributes = [HDF5Attribute("pooling", .text("mean"))]
            try HDF5.writeMatrix(to: folder + "/e.h5", shape: (2, 3), attributes: attributes) {
                try $0.append([1, 2, 3, 4, 5, 6])
            }
            let script = """
                import sys, h5py
                e = h5py.File(sys.argv[1])["embeddings"]
                print(e.dtype, e[:].tolist(), dict(e.attrs))
                """
            let printed = try python(script, folder + "/e.h5")
            #expect(printed == "float32 [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]] {'pooling': 'mean'}\n")
        }
    }

    /// What a script prints, errors included.
    private func python(_ script: String, _ path: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, path]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["PYTHONPATH": Self.libraries, "PYTHONIOENCODING": "utf-8"], uniquingKeysWith: { $1 })
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}
