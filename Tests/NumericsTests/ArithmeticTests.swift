import Numerics
import Testing

struct ArithmeticTests {
    private func text(_ environment: [String: String] = [:], _ processor: Processor = .current) -> String {
        Arithmetic.description(of: Arithmetic.facts(of: processor, environment: environment))
    }

    @Test(
        "A setting that libraries choose their kernels or their precision by changes the text",
        arguments: [
            "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "DNNL_DEFAULT_FPMATH_MODE", "ONEDNN_DEFAULT_FPMATH_MODE",
            "DNNL_CPU_ISA_HINTS", "OPENBLAS_L2_SIZE", "GLIBC_TUNABLES", "OMP_DYNAMIC",
        ])
    func settings(_ variable: String) {
        #expect(text([variable: "1"]) != text())
        #expect(text([variable: "1"]) != text([variable: "2"]))
    }

    @Test("What leaves the bits as they are doesn't", arguments: ["OMP_NUM_THREADS", "DNNL_VERBOSE", "HOME"])
    func idle(_ variable: String) { #expect(text([variable: "1"]) == text()) }

    @Test("Of several, each says what not all have")
    func differences() {
        #expect(
            Arithmetic.differences(["a 1; b 2; c 3", "a 1; b 5; c 3", "a 1; b 2; c 4"]) == [
                "b 2; c 3", "b 5; c 3", "b 2; c 4",
            ])
        #expect(Arithmetic.differences(["a 1; b 2"]) == [""])
        #expect(Arithmetic.differences([]).isEmpty)
    }

    @Test("Libraries, kernels, instructions and processor are in it")
    func facts() {
        for part in [OneDNN.version, OpenBLAS.kernel, Processor.current.name, "glibc"] {
            #expect(text().contains(part))
        }
    }
}
