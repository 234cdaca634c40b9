import Files
import Running
import TestSupport
import Testing

@Suite("A process may fill the machine's memory, or what it was granted of it")
struct ProcessFactsTests {
    @Test("A missing file, one without a number, and nonsense of Slurm are no limits: it is the machine's then")
    func unlimited() throws {
        try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.replace(folder + "/max", with: "max\n")
            let memory = ProcessFacts.memory(
                of: 1 << 34, limitFiles: [folder + "/max", folder + "/missing"],
                environment: ["SLURM_MEM_PER_NODE": "-4G"])
            #expect(memory == 1 << 34)
        }
    }

    @Test("The smallest grant counts: a container's in bytes, Slurm's in MiB")
    func granted() throws {
        try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.replace(folder + "/max", with: "6000000000\n")
            let limited = { slurm in
                ProcessFacts.memory(of: 1 << 34, limitFiles: [folder + "/max"], environment: slurm)
            }
            #expect(limited([:]) == 6_000_000_000)
            #expect(limited(["SLURM_MEM_PER_NODE": "3072"]) == 3 << 30)
            #expect(limited(["SLURM_MEM_PER_NODE": "65536"]) == 6_000_000_000)
        }
    }
}
