import Foundation
import Synchronization

/// The programs that this one started and that run, for whoever must end at once: a second Ctrl-C, or the first where nothing
/// takes charge of it.
///
/// Programs that are waited for have process groups of their own, which a terminal's Ctrl-C doesn't reach.
package enum StartedPrograms {
    /// More than run at a time. An array of fixed size, since a signal's handler reads it: it must not allocate, nor wait
    /// for a lock.
    private static let running = InlineArray<2048, Atomic<pid_t>> { _ in Atomic(0) }

    /// - Parameter target: what `kill` takes: a process, or a process group as a negative number
    static func add(_ target: pid_t) {
        endWithThisOne()
        for place in running.indices
        where running[place].compareExchange(expected: 0, desired: target, ordering: .acquiringAndReleasing).exchanged {
            return
        }
    }

    static func remove(_ target: pid_t) {
        for place in running.indices
        where running[place].compareExchange(expected: target, desired: 0, ordering: .acquiringAndReleasing).exchanged {
            return
        }
    }

    /// Makes the list, before a handler reads it.
    package static func prepare() { remove(0) }

    /// Ends them all. A signal's handler may call it.
    package static func end() {
        for place in running.indices {
            let target = running[place].load(ordering: .acquiring)
            if target != 0 { kill(target, SIGKILL) }
        }
    }

    /// Where a signal ends this program, it ends what was started too.
    private static func endWithThisOne() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            guard sigaction(number, nil, &action) == 0,
                unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 0
            else { continue }
            signal(number) { number in
                StartedPrograms.end()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }
}
