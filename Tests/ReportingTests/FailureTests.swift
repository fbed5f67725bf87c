import Reporting
import Testing

@Suite struct FailureTests {
    @Test func aPlainFailureSaysWhatItWasTold() {
        let failure = PlainFailure(.notFound, "image \"x\": not found", hint: "pull it first")
        #expect(failure.kind == .notFound)
        #expect(failure.description == "image \"x\": not found")
        #expect(failure.hint == "pull it first")
        #expect(PlainFailure(.conflict, "taken").hint == nil)
    }
}
