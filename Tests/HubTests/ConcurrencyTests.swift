import Diagnostics
import Foundation
import Hub
import Synchronization
import TestSupport
import Testing

struct ConcurrencyTests {
    @Test("Of several that want a file at once, one downloads it")
    func together() async throws {
        let others = DispatchSemaphore(value: 0)
        try await HubTrial.run(change: { request, _, answer in
            if request.method == "GET", request.path.hasSuffix(".safetensors") { answer.hold = (1000, others) }
        }) { trial in
            let (observe, id) = (trial.client.observe, trial.id)
            trial.client.observe = { event in
                observe(event)
                if case .waiting = event { others.signal() }
            }
            let client = trial.client
            let folders = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<3 { group.addTask { try await Self.onThread { try client.fetch(id, .model).folder } } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(folders.count == 1)
            for file in ["config.json", "model.safetensors"] { #expect(trial.gets(file).count == 1) }
        }
    }

    @Test("A cancelled download keeps what came, and goes on from there")
    func cancelled() async throws {
        // The rest comes when the download has ended, however late that is: also to a request that is sent because the one
        // before it stalled.
        let ended = DispatchSemaphore(value: 0)
        let isEnded = Mutex(false)
        let end = {
            isEnded.withLock { $0 = true }
            ended.signal()
        }
        try await HubTrial.run(change: { request, number, answer in
            if request.method == "GET", request.path.hasSuffix(".safetensors"), !isEnded.withLock({ $0 }) {
                answer.hold = (number == 0 ? 3000 : 0, ended)
            }
        }) { trial in
            defer { end() }
            let (client, id, observe) = (trial.client, trial.id, trial.client.observe)
            var cancelling = client
            // By itself, in its middle: nobody else has to be quick enough.
            cancelling.observe = { event in
                observe(event)
                if case .progress(let progress) = event, progress.bytes > 2500 {
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            let task = blockingTask { [cancelling] in try cancelling.fetch(id, .model) }
            await #expect(throws: CancellationError.self) { try await task.value }
            end()
            #expect(trial.blobs.contains { $0.hasSuffix(".incomplete") })
            _ = try client.fetch(id, .model)
            #expect(try #require(trial.gets("model.safetensors").last?.rangeStart) >= 2000)
        }
    }

    @Test("Progress counts up to the whole, once")
    func progress() async throws {
        try await HubTrial.run { trial in
            _ = try trial.client.fetch(trial.id, .model)
            let total = trial.hub.files.filter { $0.key != "pytorch_model.bin" }.values.reduce(0) {
                $0 + $1.content.count
            }
            let progress = trial.events.progress
            #expect(progress.map(\.bytes) == progress.map(\.bytes).sorted())
            #expect(progress.last?.bytes == total)
            #expect(progress.allSatisfy { $0.totalBytes == total && $0.count == 3 })
            #expect(Set(progress.map(\.file)).count == 3)
        }
    }

    /// Outside the pool of threads that tests share: what blocks there would keep others from going on.
    private static func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}
