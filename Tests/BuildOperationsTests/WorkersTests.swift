import BuildSolver
import Testing

@testable import BuildOperations

@Suite struct WorkersTests {
    @Test(arguments: [
        (2, Int64?.none, 8), (2, 16 << 30, 8), (16, 64 << 30, 64), (2, 512 << 20, 4), (4, 100 << 20, 4), (2, 0, 2),
    ])
    func memoryBoundsHowManyStepsAreBegun(cores: Int, memory: Int64?, steps: Int) {
        #expect(Workers.steps(cores: cores, availableMemory: memory) == steps)
    }

    @Test func meminfoIsRead() {
        let text = "MemTotal:       24684092 kB\nMemFree:        14126728 kB\nMemAvailable:   23933904 kB\n"
        #expect(Workers.availableMemory(in: text) == 24_508_317_696)
        #expect(Workers.availableMemory(in: "MemTotal: 1 kB\n") == nil)
        #expect(Workers.availableMemory(in: "MemAvailable: much\n") == nil)
    }
}
