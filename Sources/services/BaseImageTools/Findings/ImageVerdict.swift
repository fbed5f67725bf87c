/// What a check found, and how much it looked at.
package struct ImageVerdict: Sendable, Hashable {
    /// The worst first, otherwise in the order in which they were found.
    package var findings: [Finding]
    /// How many programs and libraries were looked at.
    package var objects: Int
    /// How many scripts were looked at.
    package var scripts: Int

    package init(_ findings: [Finding], objects: Int = 0, scripts: Int = 0) {
        var seen: Set<Finding> = []
        let unique = findings.filter { seen.insert($0).inserted }
        self.findings = Severity.allCases.reversed().flatMap { severity in unique.filter { $0.severity == severity } }
        self.objects = objects
        self.scripts = scripts
    }

    /// How many findings of a severity there are.
    package func count(_ severity: Severity) -> Int { findings.count { $0.severity == severity } }
}
