import COpenBLAS

/// What OpenBLAS is doing on this machine.
public enum OpenBLAS {
    /// Version and build options, such as `OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …`.
    ///
    /// Asked once: the library writes its answer into one buffer at each call, and two threads that ask at a time get each
    /// other's halves.
    public static let configuration = String(cString: openblas_get_config())

    /// The kernels in use, by the processor generation they were written for: `SkylakeX`, `Haswell`, `Prescott`, …
    public static let kernel = String(cString: openblas_get_corename())

    private static let avx512Kernels = ["SkylakeX", "Cooperlake", "SapphireRapids"]

    /// Whether the kernels in use give each row of a product the same bits whatever the number of rows, from a few on.
    static let keepsRowsApart = avx512Kernels.contains(kernel)

    /// Multiplies on the calling thread alone: parallelism is the workers', one a core, and must not be nested.
    public static func useCallingThreadOnly() { once }

    private static let once: Void = openblas_set_num_threads(1)

    /// The kernels that suit this processor best, where OpenBLAS chose slower ones.
    ///
    /// OpenBLAS picks its kernels by processor model, and falls back to old ones for models newer than itself:
    /// 0.3.21 takes SSE3 kernels on some AVX-512 processors. `OPENBLAS_CORETYPE` overrides it, but is read just
    /// once, when the library is loaded.
    ///
    /// - Returns: a value for `OPENBLAS_CORETYPE`, or nil where the choice is right already.
    public static func betterKernel(than current: String = kernel, on processor: Processor = .current) -> String? {
        if processor.hasAVX512 {
            return avx512Kernels.contains(current) ? nil : "SkylakeX"
        }
        if processor.hasAVX2 {
            return ["Haswell", "Zen", "Excavator"].contains(current) ? nil : "Haswell"
        }
        return nil
    }
}
