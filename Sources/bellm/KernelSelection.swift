import Diagnostics
import Foundation
import Numerics

/// Gives OpenBLAS the kernels that suit this processor, and no threads of its own: parallelism is the workers', and a thread
/// that finds no address for its buffer asks for ever, at the program's end too.
///
/// OpenBLAS reads `OPENBLAS_CORETYPE` and `OPENBLAS_NUM_THREADS` once, when it is loaded, which is before any code of ours
/// runs. So where it chose slower kernels than the processor allows, or started threads, the program sets the variables and starts
/// itself again.
enum KernelSelection {
    /// Set where the program, not the user, chose `OPENBLAS_CORETYPE`.
    static let marker = "BELLM_CHOSE_CORETYPE"
    private static let kernelVariable = "OPENBLAS_CORETYPE"
    private static let threadVariable = "OPENBLAS_NUM_THREADS"

    /// - Throws: where the user names kernels that OpenBLAS hasn't, for which it takes others without a word.
    static func check() throws(Diagnostic) {
        let environment = ProcessInfo.processInfo.environment
        guard environment[marker] == nil, let asked = environment[kernelVariable], !asked.isEmpty,
            asked.lowercased() != OpenBLAS.kernel.lowercased()
        else { return }
        throw Diagnostic(
            "\(kernelVariable): OpenBLAS has no kernels \"\(asked)\" here, and would take \(OpenBLAS.kernel)",
            suggestion: "name one of those it has, such as \(OpenBLAS.betterKernel() ?? OpenBLAS.kernel), or unset it")
    }

    /// - Parameter startsAgain: whether the program must, for another reason
    static func apply(startsAgain: Bool = false) {
        let environment = ProcessInfo.processInfo.environment
        let kernel = environment[kernelVariable, default: ""].isEmpty ? OpenBLAS.betterKernel() : nil
        guard startsAgain || kernel != nil || environment[threadVariable] != "1" else { return }
        if let kernel {
            setenv(kernelVariable, kernel, 1)
            setenv(marker, "1", 1)
        }
        setenv(threadVariable, "1", 1)
        var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard readlink("/proc/self/exe", &path, Int(PATH_MAX)) > 0 else { return }
        execv(path, CommandLine.unsafeArgv)
        // Only a failed execv returns; the program then runs with what OpenBLAS chose, and `doctor` says which kernels.
    }
}
