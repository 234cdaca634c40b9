import COnig
import Diagnostics
import Foundation

/// The searches of one expression in one text, within its limits.
///
/// Oniguruma stops a search behind a number of steps, but doesn't tell how many one took. So each begins with few, and is
/// done again with four times as many where they don't do: what it was allowed is what it is charged with, at most four
/// times what it takes. Steps forward it doesn't count at all, nor has it a clock before version 6.9.10: in a long text one place
/// after the other is tried, so that the clock is looked at between them. With `\G` that can't be, and only steps back are bounded.
final class ExpressionSearch {
    private static let firstSteps = 256
    /// In bytes: a search goes through the text from each place at most, some 10^7 steps forward.
    private static let longestSearch = 1 << 12

    private let expression: OnigRegex
    private let text: [UInt8]
    private let limits: RegularExpression.Limits
    private let region: UnsafeMutablePointer<OnigRegion>
    private let parameters: OpaquePointer
    /// Of all searches, those that may still be taken.
    private var steps: Int
    private let isByPlace: Bool
    /// How many bytes may be gone through, each attempt taking the whole text, before the clock is looked at.
    private static let bytesOfLook = 1 << 24
    private var unseenBytes = 0
    /// When the clock was looked at first.
    private var start: Double?

    /// - Parameter seesStart: whether the pattern may ask where the search began (`\G`), which no place alone knows
    init(
        _ expression: OnigRegex, in text: [UInt8], _ limits: RegularExpression.Limits, seesStart: Bool
    ) throws(Diagnostic) {
        guard let region = onig_region_new(), let parameters = onig_new_match_param() else {
            throw Diagnostic("no memory for a regular expression's search")
        }
        (self.expression, self.text, self.limits) = (expression, text, limits)
        (self.region, self.parameters) = (region, parameters)
        let (ofBytes, overflows) = limits.stepsOfByte.multipliedReportingOverflow(by: text.count)
        steps = overflows ? .max : limits.steps + min(ofBytes, .max - limits.steps)
        isByPlace = !seesStart && text.count > Self.longestSearch
        onig_initialize_match_param(parameters)
        onig_set_match_stack_limit_size_of_match_param(parameters, UInt32(limits.states))
    }

    deinit {
        onig_region_free(region, 1)
        onig_free_match_param(parameters)
    }

    /// The first match that begins at `offset` or behind it.
    ///
    /// - Throws: where a limit is exceeded; the message says which.
    func first(from offset: Int) throws(Diagnostic) -> Range<Int>? {
        guard isByPlace else { return try attempt(at: offset) }
        var offset = offset
        while offset <= text.count {
            if let match = try attempt(at: offset) { return match }
            repeat { offset += 1 } while offset < text.count && text[offset] & 0xC0 == 0x80
        }
        return nil
    }

    private func attempt(at offset: Int) throws(Diagnostic) -> Range<Int>? {
        try look()
        var allowed = Self.firstSteps
        while true {
            allowed = min(allowed, steps)
            // To Oniguruma, 0 is no limit.
            guard allowed > 0 else { throw Diagnostic("retry-limit of the text over") }
            steps -= allowed
            let code = search(from: offset, steps: allowed)
            if code == ONIG_MISMATCH { return nil }
            if code >= 0 { return Int(region.pointee.beg[0])..<Int(region.pointee.end[0]) }
            let isOut = code == ONIGERR_RETRY_LIMIT_IN_SEARCH_OVER || code == ONIGERR_RETRY_LIMIT_IN_MATCH_OVER
            guard isOut, allowed < limits.stepsOfMatch || code == ONIGERR_RETRY_LIMIT_IN_SEARCH_OVER else {
                var message = [UInt8](repeating: 0, count: Int(bellm_onig_message_room()))
                bellm_onig_message(code, &message)
                throw Diagnostic(RegularExpression.text(message))
            }
            allowed = allowed.multipliedReportingOverflow(by: 4).partialValue
        }
    }

    private func search(from offset: Int, steps: Int) -> Int32 {
        onig_set_retry_limit_in_match_of_match_param(parameters, UInt(min(steps, limits.stepsOfMatch)))
        onig_set_retry_limit_in_search_of_match_param(parameters, UInt(steps))
        return text.withUnsafeBufferPointer { bytes in
            var empty: UInt8 = 0
            return withUnsafePointer(to: &empty) { none in
                let start = bytes.baseAddress ?? none
                let (end, place) = (start + bytes.count, start + offset)
                return isByPlace
                    ? onig_match_with_param(expression, start, end, place, region, ONIG_OPTION_NONE, parameters)
                    : onig_search_with_param(expression, start, end, place, end, region, ONIG_OPTION_NONE, parameters)
            }
        }
    }

    /// Looks at the clock, which costs as much as finding a word, where it may have gone on.
    private func look() throws(Diagnostic) {
        unseenBytes += text.count
        guard unseenBytes >= Self.bytesOfLook else { return }
        unseenBytes = 0
        let (now, seconds) = (Self.now, limits.seconds(ofBytes: text.count))
        guard now - (start ?? now) <= seconds else {
            throw Diagnostic("it takes more than \(seconds) s of processor time")
        }
        start = start ?? now
    }

    /// This thread's processor time, in seconds.
    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
