import OCISpec
import Testing

@testable import SocleCommands

struct TableTests {
    @Test(
        arguments: [
            (0, "0B"), (762_296, "762kB"), (1_981_000, "1.98MB"), (10_240, "10.2kB"), (4, "4B"), (1_000, "1kB"),
            (123_456_789, "123MB"), (1_240_000_000, "1.24GB"), (999_999, "1MB"), (999, "999B"), (1_005_000, "1MB"),
            (124_500, "124kB"), (125_500, "126kB"),
        ] as [(Int64, String)]
    )
    func writesSizes(size: Int64, text: String) {
        #expect(HumanSize.decimal(size) == text)
    }

    @Test func writesSizesWithMoreDigits() {
        #expect(HumanSize.decimal(762_296, digits: 4) == "762.3kB")
        #expect(HumanSize.decimal(16_430_000, digits: 4) == "16.43MB")
        #expect(HumanSize.binary(25_275_936_768) == "23.54GiB")
        #expect(HumanSize.binary(8_589_934_592) == "8GiB")
    }

    @Test(arguments: [
        (0.1, 1, "0.1"), (2.5, 0, "2"), (3.5, 0, "4"), (0.125, 2, "0.12"), (1.005, 2, "1.00"), (-3.14159, 2, "-3.14"),
        (123456.789, 1, "123456.8"), (0.0004, 3, "0.000"), (0.9996, 3, "1.000"), (9.95, 1, "9.9"),
        (1e21, 0, "1000000000000000000000"),
    ])
    func writesFixedNumbers(value: Double, digits: Int, text: String) {
        #expect(GoNumber.fixed(value, digits: digits) == text)
    }

    @Test(arguments: [
        (1e21, "1e+21"), (1e20, "100000000000000000000"), (123.0, "123"), (0.0001, "0.0001"), (0.00001, "1e-05"),
        (3.14, "3.14"), (-2.5, "-2.5"), (0.0, "0"), (1e100, "1e+100"), (1.5e300, "1.5e+300"),
    ])
    func writesShortestNumbers(value: Double, text: String) {
        #expect(GoNumber.shortest(value) == text)
    }

    @Test func alignsColumnsAsDockerDoes() {
        let text =
            "REPOSITORY\tTAG\tIMAGE ID\tCREATED\tSIZE\ncontainers-full\tlatest\t4a8267fedcc8\tAbout a minute ago\t1.98MB\n"
        #expect(
            TabWriter().aligned(text)
                == """
                REPOSITORY        TAG       IMAGE ID       CREATED              SIZE
                containers-full   latest    4a8267fedcc8   About a minute ago   1.98MB

                """
        )
        #expect(
            TabWriter().aligned("CONTAINER ID\tIMAGE\tPORTS\tNAMES\n")
                == "CONTAINER ID   IMAGE     PORTS     NAMES\n"
        )
    }

    @Test func aColumnEndsWhereALineHasNoCell() {
        #expect(
            TabWriter().aligned("a\tb\nlong line without cells\nlonger cell here\tb\n") == """
                a         b
                long line without cells
                longer cell here   b

                """
        )
    }

    @Test func listsRowsInEveryFormat() throws {
        let rows = [
            TemplateRow(typeName: "*formatter.imageContext", fields: ["ID": "abc", "Tag": "1"]),
            TemplateRow(typeName: "*formatter.imageContext", fields: ["ID": "defdefdefdef", "Tag": "<none>"]),
        ]
        let headers = ["ID": "IMAGE ID", "Tag": "TAG"]
        let standard = "table {{.ID}}\t{{.Tag}}"
        let table = "IMAGE ID       TAG\nabc            1\ndefdefdefdef   <none>\n"
        #expect(try Listing(nil, standard: standard, headers).text(rows) == table)
        #expect(try Listing("table", standard: standard, headers).text(rows) == table)
        #expect(try Listing("table {{.Tag}}", standard: standard, headers).text(rows) == "TAG\n1\n<none>\n")
        #expect(
            try Listing("{{.ID}}\\t{{.Tag}}", standard: standard, headers).text(rows)
                == "abc\t1\ndefdefdefdef\t<none>\n"
        )
        #expect(
            try Listing("json", standard: standard, headers).text(rows)
                == #"{"ID":"abc","Tag":"1"}"# + "\n" + #"{"ID":"defdefdefdef","Tag":"\u003cnone\u003e"}"# + "\n"
        )
        #expect(try Listing(nil, standard: standard, headers).text([]) == "IMAGE ID   TAG\n")
    }

    @Test func cutsLongTexts() {
        #expect(Ellipsis.text("/bin/sh -c some long command", 20) == "/bin/sh -c some lon…")
        #expect(Ellipsis.text("short", 20) == "short")
    }

    @Test func writesTimesAsGo() {
        #expect(GoTime.text(Timestamp(epochSeconds: 1_700_000_000, nanoseconds: 5)) == "2023-11-14 22:13:20 +0000 UTC")
    }

    @Test func agesOfOddMomentsDontTrap() throws {
        let now = Timestamp(epochSeconds: 1_700_000_000)
        #expect(GoTime.ago(.zero, now: now) == "292 years ago")
        #expect(GoTime.ago(try Timestamp("9999-12-31T23:59:59Z"), now: now) == "Less than a second ago")
        #expect(GoTime.ago(Timestamp(epochSeconds: 1_699_996_400), now: now) == "About an hour ago")
    }
}
