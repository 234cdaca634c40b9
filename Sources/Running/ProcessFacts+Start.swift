import Foundation

extension ProcessFacts {
    /// Seconds since the process was started, to a clock tick (10 ms): programs that it ran before this one count too.
    ///
    /// - Returns: nil where Linux doesn't tell.
    package static var secondsSinceStart: Double? {
        // Field 22 of proc(5)'s stat; the second, the program's name, may hold spaces and parentheses.
        guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 20, let ticks = Double(fields[20]) else { return nil }
        var now = timespec()
        guard clock_gettime(CLOCK_BOOTTIME, &now) == 0 else { return nil }
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9 - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
