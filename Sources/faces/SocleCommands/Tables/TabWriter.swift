/// Lines up cells that end in tabs, as Go's `text/tabwriter` does with Docker's settings: at least 10 characters a
/// column, 3 spaces after the longest cell.
///
/// A column is a run of lines that each have a cell there; the text after a line's last tab belongs to no column.
struct TabWriter {
    var minimumWidth = 10
    var padding = 3

    init(minimumWidth: Int = 10, padding: Int = 3) {
        self.minimumWidth = minimumWidth
        self.padding = padding
    }

    /// `text` with its tabs replaced by spaces.
    func aligned(_ text: String) -> String {
        let lines = GoText.visible(text).split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        var result = lines.map { _ in "" }
        fill(&result, lines, rows: 0..<lines.count, column: 0)
        return result.joined(separator: "\n")
    }

    /// Appends column `column` and everything right of it to each of `rows`.
    private func fill(_ result: inout [String], _ lines: [[String]], rows: Range<Int>, column: Int) {
        var row = rows.lowerBound
        while row < rows.upperBound {
            guard column < lines[row].count - 1 else {
                if column < lines[row].count { result[row] += lines[row][column] }
                row += 1
                continue
            }
            var end = row
            var width = minimumWidth
            while end < rows.upperBound, column < lines[end].count - 1 {
                width = max(width, lines[end][column].unicodeScalars.count + padding)
                end += 1
            }
            for index in row..<end {
                let cell = lines[index][column]
                result[index] += cell + String(repeating: " ", count: width - cell.unicodeScalars.count)
            }
            fill(&result, lines, rows: row..<end, column: column + 1)
            row = end
        }
    }
}
