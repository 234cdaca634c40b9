import Foundation

/// A process, told apart from all that had or will have its number, and from those of other machines and containers
/// that write into the same folder.
public struct ProcessIdentity: Hashable, Sendable, LosslessStringConvertible {
    /// Of the machine since it was started, and of the process numbers' namespace: 8 hexadecimal digits.
    let machine: String
    public let process: Int32
    /// When it started, in clock ticks since the machine did.
    let started: String

    /// This process.
    public static let current = ProcessIdentity(
        machine: ownMachine, process: getpid(), started: startTime(of: getpid()) ?? "0")

    private init(machine: String, process: Int32, started: String) {
        (self.machine, self.process, self.started) = (machine, process, started)
    }

    /// Such as `5b1f0c2e-4711-293847`.
    public init?(_ description: String) {
        let parts = description.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 8, parts[0].allSatisfy(\.isHexDigit), let process = Int32(parts[1]),
            process > 0, !parts[2].isEmpty, parts[2].utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        self.init(machine: String(parts[0]), process: process, started: String(parts[2]))
    }

    public var description: String { "\(machine)-\(process)-\(started)" }

    /// Whether it has certainly ended. Of other machines' processes nothing is certain.
    public var hasEnded: Bool { machine == Self.ownMachine && Self.startTime(of: process) != started }

    private static let ownMachine: String = {
        let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        let namespace = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        return String(SHA256Digest(of: (boot ?? "") + (namespace ?? "")).description.prefix(8))
    }()

    /// Field 22 of proc(5)'s stat; nil where there is no such process, or one that only waits for its parent to ask how
    /// it ended.
    public static func startTime(of process: Int32) -> String? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            // The second field, the program's name, may hold spaces and parentheses.
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 20, fields[1] != "Z" else { return nil }
        return String(fields[20])
    }
}
