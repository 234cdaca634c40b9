/// bellm as a library: what its command line does, for other programs.
///
/// The rooms are exported one and all; `docs/architecture.md` says what is in each. A sentence's way is short:
///
///     import Bellm
///
///     let method = EmbeddingMethod(template: try PromptTemplate("This sentence : \"{text}\" means in one word:\""), pooling: .last)
///     let embedder = try Embedder(model: "SmolLM2-135M-Instruct.Q4_1.gguf", method: method)
///     let vectors = try await embedder.embed(["A dog walks.", "A cat sleeps."])
///
/// An experiment is an ``ExperimentSpec``, read from a YAML file, whose ``ExperimentPlan`` an ``ExperimentRunner`` runs. A
/// program that computes for long calls ``OpenBLAS``'s `betterKernel` first: older versions of the library don't know newer
/// processors.
@_exported import Tasks
@_exported import Diagnostics
@_exported import Embedding
@_exported import Models
@_exported import Numerics
@_exported import Objectives
@_exported import Results
@_exported import Running
@_exported import Specification
@_exported import Tokenizers
@_exported import Training
@_exported import Weights
@_exported import Workers
