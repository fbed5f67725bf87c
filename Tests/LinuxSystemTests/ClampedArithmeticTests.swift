import LinuxSystem
import Testing

struct ClampedArithmeticTests {
    @Test func whatFitsIsExact() {
        #expect(Int64(5).adding(clamping: -7) == -2)
        #expect(Int64(5).subtracting(clamping: 7) == -2)
        #expect(Int64(5).multiplied(clampingBy: -7) == -35)
    }

    @Test func whatDoesNotFitIsTheLastNumber() {
        let (least, most) = (Int64.min, Int64.max)
        #expect(most.adding(clamping: 1) == most && least.adding(clamping: -1) == least)
        #expect(least.subtracting(clamping: 1) == least && most.subtracting(clamping: -1) == most)
        #expect(Int64(0).subtracting(clamping: least) == most)
        #expect(most.multiplied(clampingBy: 2) == most && most.multiplied(clampingBy: -2) == least)
        #expect(least.multiplied(clampingBy: 2) == least && least.multiplied(clampingBy: -1) == most)
        #expect(UInt64.max.multiplied(clampingBy: 3) == UInt64.max && UInt64(1).subtracting(clamping: 2) == 0)
    }
}
