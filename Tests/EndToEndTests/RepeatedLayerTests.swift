import SocleTesting
import SystemPackage
import Testing

/// Images in which one layer comes several times.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct RepeatedLayerTests {
    @Test func stepsThatChangeNothing() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work)
        try socle.output("import", tar.string, "base")
        try socle.write([
            "Dockerfile": """
            FROM base
            RUN true
            RUN echo one
            RUN echo two
            RUN echo kept > /file
            RUN echo three
            COPY a /a
            RUN rm /a
            COPY a /a
            RUN cat /a /file
            """, "a": "copied\n",
        ])
        try socle.output("build", "-q", "-t", "app", ".")
        #expect(try socle.output("run", "--rm", "app", "cat", "/file", "/a") == "kept\ncopied")
        #expect(try socle.output("build", "-q", "-t", "app", ".") == socle.output("images", "-q", "--no-trunc", "app"))
    }
}
