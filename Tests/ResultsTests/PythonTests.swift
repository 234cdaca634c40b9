import Foundation
import HDF5
import Results
import TestSupport
import Testing

@Suite("Python reads what is written as it is")
struct PythonTests {
    @Test("h5py and pandas open a result", .enabled(if: Python.hasPandas))
    func result() throws {
        try Fixtures.withTemporaryFolder { folder in
            try Samples.full.write(to: folder + "/r.h5")
            let script = """
                import sys, h5py, numpy, pandas
                from urllib.parse import unquote
                f = h5py.File(sys.argv[1])
                assert f.attrs["schema_version"] == 2 and f.attrs["experiment"].decode() == "reproduce-bellm 🔬"
                assert list(f.attrs)[2:5] == ["zebra_first", "config", "empty"], list(f.attrs)
                long = f["long_texts"][0]
                assert long["key"] == b"experiment_yaml" and len(long["value"].decode()) == 90000
                def frame(name):
                    t = pandas.DataFrame(f[name][:])
                    return t.apply(lambda c: c.str.decode("utf-8") if c.dtype == object else c)
                runs = frame("runs")
                assert list(runs["name"]) == ["mean", "a/b %2F 🍎"] and runs["hidden_layer"][0] == -2
                assert runs["bidirectional_layers"][0] == "[28, 29]" and len(runs["warnings"][1]) > 100000
                measures = frame("measures")
                row = measures.query("run == 'mean' and slice == 'all' and metric == 'spearman'")
                assert row["value"].item() == 0.371 and row["low"].item() == 0.371 - 0.05
                assert numpy.isnan(measures.query("metric == 'f1'")["low"].item())
                assert list(frame("predictions/mean/x%2Fy")["gold"]) == ["ja", "ÿ"]
                assert sorted(map(unquote, f["pairs"])) == ["a/b %2F 🍎", "mean"]
                pairs = frame("pairs/mean/STS-B")
                assert list(pairs["subset"]) == ["2012", "größer"] and pairs["cosine"][0] == 0.1 + 0.2
                assert len(frame("pairs/mean/A task")) == 0 and len(frame("published")) == 4
                print("ok")
                """
            let printed = try Python.run(script, folder + "/r.h5")
            #expect(printed == "ok\n")
        }
    }

    @Test("The documentation's snippet runs as it stands", .enabled(if: Python.hasPandas))
    func documented() throws {
        let page = String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: Fixtures.packageRoot + "/docs/results-schema.md")),
            as: UTF8.self)
        let snippets = page.components(separatedBy: "```python\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        #expect(snippets.count == 1)
        try Fixtures.withTemporaryFolder { folder in
            try Samples.full.write(to: folder + "/result.h5")
            for snippet in snippets {
                let printed = try Python.run("import os, sys; os.chdir(sys.argv[1])\n" + snippet, folder)
                #expect(printed.hasPrefix("reproduce-bellm 🔬 2\n"), "\(printed)")
                #expect(printed.contains("0.371") && printed.contains("größer"), "\(printed)")
            }
        }
    }

    @Test("h5py opens embeddings", .enabled(if: Python.hasPandas))
    func embeddings() throws {
        try Fixtures.withTemporaryFolder { folder in
            let attributes = [HDF5Attribute("pooling", .text("mean"))]
            try HDF5.writeMatrix(to: folder + "/e.h5", shape: (2, 3), attributes: attributes) {
                try $0.append([1, 2, 3, 4, 5, 6])
            }
            let script = """
                import sys, h5py
                e = h5py.File(sys.argv[1])["embeddings"]
                print(e.dtype, e[:].tolist(), {k: bytes(v) for k, v in e.attrs.items()})
                """
            let printed = try Python.run(script, folder + "/e.h5")
            #expect(printed == "float32 [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]] {'pooling': b'mean'}\n")
        }
    }
}
