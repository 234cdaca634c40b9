import Running
import Testing

@Suite("The remaining time of a whole experiment")
struct RemainingTimeTests {
    @Test("It goes by the operations of all stages, at the speed so far")
    func speed() {
        var time = RemainingTime(operations: [100, 300, 0, 200])
        time.begin(0)
        #expect(time.seconds(doneOfStage: 0, elapsed: 5) == nil)
        #expect(time.seconds(doneOfStage: 0.5, elapsed: 10) == 110)
        time.begin(1)
        #expect(time.seconds(doneOfStage: 1, elapsed: 40) == 20)
        time.begin(3)
        #expect(time.seconds(doneOfStage: 1, elapsed: 60) == 0)
    }

    @Test("Stages come in any order: those done count, whatever their number")
    func order() {
        var time = RemainingTime(operations: [300, 100, 200])
        time.begin(1)
        #expect(time.seconds(doneOfStage: 1, elapsed: 10) == 50)
        time.begin(0)
        #expect(time.seconds(doneOfStage: 0, elapsed: 10) == 50)
        time.begin(2)
        #expect(time.seconds(doneOfStage: 0.5, elapsed: 50) == 10)
    }

    @Test("What the cache spares of a stage counts neither as done nor as to be done")
    func cached() {
        var time = RemainingTime(operations: [100, 100])
        time.begin(0)
        time.reduce(0, to: 0.1)
        #expect(time.seconds(doneOfStage: 1, elapsed: 3) == 30)
        time.reduce(7, to: 0)
        #expect(time.hasOthers(than: 0))
        time.reduce(1, to: 0)
        #expect(!time.hasOthers(than: 0))
        #expect(time.seconds(doneOfStage: 1, elapsed: 3) == 0)
    }
}
