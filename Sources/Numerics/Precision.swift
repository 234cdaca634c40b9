/// What numbers the linear maps multiply. Everything else (norms, rotary positions, softmax, activations, the residual
/// stream) is float32 in each.
public enum Precision: String, CaseIterable, Hashable, Sendable {
    case float32
    /// Weights and inputs of each linear map are rounded to bfloat16; products are summed in float32.
    ///
    /// The meaning doesn't depend on the machine: where bfloat16 instructions are missing or slow, the same rounded
    /// numbers are multiplied as float32. A product of two bfloat16 numbers is exact in float32.
    case bfloat16
}

/// Which library multiplies matrices.
public enum MatrixLibrary: String, CaseIterable, Hashable, Sendable {
    /// Packs the weights once. A row's result doesn't depend on how many rows are multiplied with it, by a bit. Below AVX-512,
    /// where oneDNN keeps neither, kernels of this project's own take its place.
    case oneDNN = "onednn"
    /// Packs the weights in each product: slower with few rows. The reference; float32 only.
    case openBLAS = "openblas"
}
