/// Counts the words of its arguments.
var counts: [String: Int] = [:]
for word in CommandLine.arguments.dropFirst() { counts[word.lowercased(), default: 0] += 1 }
for (word, count) in counts.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) { print("\(count) \(word)") }
