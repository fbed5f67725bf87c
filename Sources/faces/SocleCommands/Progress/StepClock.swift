/// Times as build progress writes them.
enum StepClock {
    /// Seconds with three decimals below ten, two below a hundred, else one: in front of a step's output.
    static func stamp(_ duration: Duration) -> String {
        let seconds = seconds(duration)
        return GoNumber.fixed(seconds, digits: seconds < 10 ? 3 : seconds < 100 ? 2 : 1)
    }

    /// `1.4s`: what a step took.
    static func short(_ duration: Duration) -> String { GoNumber.fixed(seconds(duration), digits: 1) + "s" }

    private static func seconds(_ duration: Duration) -> Double {
        let (whole, fraction) = duration.components
        return max(0, Double(whole) + Double(fraction) / 1e18)
    }
}
