import CMalloc
import Foundation

extension ProcessFacts {
    /// Has the C library give each large piece of memory back when it is let go. By itself it learns to keep pieces of up to
    /// 32 MB, between which what is in use lies scattered: a training's peak then grows from batch to batch.
    public static func returnLargeMemory() {
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
    }

    /// Memory that is in use at this moment, in bytes: what was let go goes back to the system before. 0 where Linux doesn't
    /// tell.
    package static func heldBytes() -> Int {
        malloc_trim(0)
        return statusBytes("VmRSS")
    }

    /// The most memory that was resident since ``beginPeak()``, or so far, in bytes; 0 where Linux doesn't tell.
    ///
    /// Not getrusage's `ru_maxrss`: that is of the program too that this one was started from.
    public static var peakResidentBytes: Int { statusBytes("VmHWM") }

    /// Begins a stretch of work whose ``peakResidentBytes`` are asked for, of the whole process: what earlier work has let go
    /// goes back to the system, and the peak is set back to what is resident (proc(5), clear_refs).
    ///
    /// Where a container doesn't allow that, the peak stays the largest so far, and never less than the stretch's own.
    package static func beginPeak() {
        malloc_trim(0)
        let descriptor = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        _ = write(descriptor, "5", 1)
    }

    /// A line of proc(5)'s status: `VmHWM:    218644 kB`.
    private static func statusBytes(_ name: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }
}
