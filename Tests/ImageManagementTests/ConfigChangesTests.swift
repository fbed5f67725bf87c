import OCISpec
import Reporting
import Testing

@testable import ImageManagement

struct ConfigChangesTests {
    func changed(_ changes: String...) throws -> ContainerConfig {
        try ConfigChanges.applied(changes, to: ContainerConfig())
    }

    @Test func takesAllThatDockerAllows() throws {
        let config = try changed(
            "CMD [\"x\"]",
            "ENV A=b C=\"d e\"",
            "EXPOSE 80 8000-8001/udp",
            "LABEL k=v",
            "VOLUME /v /w",
            "WORKDIR /w",
            "WORKDIR x",
            "USER u:g",
            "STOPSIGNAL SIGTERM",
            "ONBUILD RUN x",
            "HEALTHCHECK --interval=5s CMD y",
            "ENTRYPOINT z"
        )
        #expect(config.cmd == ["x"])
        #expect(config.env == ["A=b", "C=d e"])
        #expect(config.exposedPorts == ["80/tcp", "8000/udp", "8001/udp"])
        #expect(config.labels == ["k": "v"])
        #expect(config.volumes == ["/v", "/w"])
        #expect(config.workingDir == "/w/x")
        #expect(config.user == "u:g")
        #expect(config.stopSignal == "SIGTERM")
        #expect(config.onBuild == ["RUN x"])
        #expect(config.healthcheck?.test == ["CMD-SHELL", "y"])
        #expect(config.healthcheck?.interval == 5_000_000_000)
        #expect(config.entrypoint == ["/bin/sh", "-c", "z"])
    }

    @Test func laterChangesSeeEarlierVariables() throws {
        let config = try changed("ENV A=1", "ENV B=$A A=2", "LABEL l=${A}-${B:-x}", "USER $NOBODY", "WORKDIR /$B")
        #expect(config.env == ["A=2", "B=1"])
        #expect(config.labels == ["l": "2-1"])
        #expect(config.user == "")
        #expect(config.workingDir == "/1")
    }

    @Test func anEntrypointDropsACommandThatWasNotSetHere() throws {
        var base = ContainerConfig()
        base.cmd = ["old"]
        #expect(try ConfigChanges.applied(["ENTRYPOINT [\"x\"]"], to: base).cmd == nil)
        #expect(try ConfigChanges.applied(["CMD [\"y\"]", "ENTRYPOINT [\"x\"]"], to: base).cmd == ["y"])
    }

    @Test(arguments: ["RUN x", "FROM x", "ADD a b", "COPY a b", "MAINTAINER x", "SHELL [\"x\"]", "ARG x"])
    func refusesOthers(_ change: String) {
        let failure = #expect(throws: (any Error).self) { try changed(change) } as? any Failure
        #expect(failure?.kind == .invalidArgument)
        #expect(failure?.description.hasSuffix("is not a valid change command") == true)
    }

    @Test(arguments: ["", "FOO x", "WORKDIR", "ENV", "STOPSIGNAL NOPE", "STOPSIGNAL 0", "EXPOSE x", "LABEL a=${b"])
    func refusesNonsense(_ change: String) {
        let failure = #expect(throws: (any Error).self) { try changed(change) } as? any Failure
        #expect(failure?.kind == .invalidArgument)
    }
}
