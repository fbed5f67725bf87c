/// Arithmetic on numbers that users and images choose: what is beyond the type becomes the last number that it has, and doesn't
/// end the program.
extension FixedWidthInteger {
    /// The sum.
    package func adding(clamping other: Self) -> Self {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? (other < 0 ? .min : .max) : sum
    }

    /// The difference.
    package func subtracting(clamping other: Self) -> Self {
        let (difference, overflows) = subtractingReportingOverflow(other)
        return overflows ? (other < 0 ? .max : .min) : difference
    }

    /// The product.
    package func multiplied(clampingBy other: Self) -> Self {
        let (product, overflows) = multipliedReportingOverflow(by: other)
        return overflows ? ((self < 0) == (other < 0) ? .max : .min) : product
    }
}
