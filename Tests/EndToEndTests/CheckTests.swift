import SocleTesting
import SystemPackage
import Testing

/// `build --check` and `--call`: what is said about a Dockerfile without building it.
@Suite struct CheckTests {
    private func prepared(_ dockerfile: String) throws -> Socle {
        let socle = try Socle()
        try socle.write(["Dockerfile": .text(dockerfile, mode: 0o644)])
        return socle
    }

    private static let shabby = """
        # tag the release to build on
        ARG tag=latest
        # build compiles
        FROM nobody/has-this:$tag AS Build
        ARG API_TOKEN=x
        RUN --mount=type=secret,id=key,required --mount=type=ssh make
        FROM scratch as last
        COPY --from=build /app /app
        CMD /app

        """

    @Test func findingsAreBuildKits() throws {
        let socle = try prepared(Self.shabby)
        let result = try socle.run(["build", "--check", "."])
        #expect(result.status == 1)
        #expect(
            result.text == """
                Check complete, 4 warnings have been found!

                WARNING: StageNameCasing - https://docs.docker.com/go/dockerfile/rule/stage-name-casing/
                Stage name 'Build' should be lowercase
                Dockerfile:4
                --------------------
                   2 |     ARG tag=latest
                   3 |     # build compiles
                   4 | >>> FROM nobody/has-this:$tag AS Build
                   5 |     ARG API_TOKEN=x
                   6 |     RUN --mount=type=secret,id=key,required --mount=type=ssh make
                --------------------

                WARNING: SecretsUsedInArgOrEnv - https://docs.docker.com/go/dockerfile/rule/secrets-used-in-arg-or-env/
                Do not use ARG or ENV instructions for sensitive data (ARG "API_TOKEN")
                Dockerfile:5
                --------------------
                   3 |     # build compiles
                   4 |     FROM nobody/has-this:$tag AS Build
                   5 | >>> ARG API_TOKEN=x
                   6 |     RUN --mount=type=secret,id=key,required --mount=type=ssh make
                   7 |     FROM scratch as last
                --------------------

                WARNING: FromAsCasing - https://docs.docker.com/go/dockerfile/rule/from-as-casing/
                'as' and 'FROM' keywords' casing do not match
                Dockerfile:7
                --------------------
                   5 |     ARG API_TOKEN=x
                   6 |     RUN --mount=type=secret,id=key,required --mount=type=ssh make
                   7 | >>> FROM scratch as last
                   8 |     COPY --from=build /app /app
                   9 |     CMD /app
                --------------------

                WARNING: JSONArgsRecommended - https://docs.docker.com/go/dockerfile/rule/json-args-recommended/
                JSON arguments recommended for CMD to prevent unintended behavior related to OS signals
                Dockerfile:9
                --------------------
                   7 |     FROM scratch as last
                   8 |     COPY --from=build /app /app
                   9 | >>> CMD /app
                --------------------

                """
        )
        #expect(try socle.run(["build", "--call=check,ignorestatus=true", "."]).status == 0)
        let image = try socle.run(["images", "-q"])
        #expect(image.text.isEmpty, "nothing was built")
    }

    @Test func aCleanFileIsSaidToBeClean() throws {
        let socle = try prepared("FROM scratch\nCOPY a /a\nCMD [\"/a\"]\n")
        let result = try socle.run(["build", "--check", "."])
        #expect(result.status == 0)
        #expect(result.text == "Check complete, no warnings found.\n")
    }

    @Test func theAnswerForPrograms() throws {
        let socle = try prepared("FROM scratch AS Up\n")
        let result = try socle.run(["build", "--call=check,format=json", "."])
        #expect(result.status == 1)
        #expect(
            result.text == """
                {
                  "warnings": [
                    {
                      "ruleName": "StageNameCasing",
                      "description": "Stage names should be lowercase",
                      "url": "https://docs.docker.com/go/dockerfile/rule/stage-name-casing/",
                      "detail": "Stage name 'Up' should be lowercase",
                      "location": {
                        "ranges": [
                          {
                            "start": {
                              "line": 1
                            },
                            "end": {
                              "line": 1
                            }
                          }
                        ]
                      }
                    }
                  ],
                  "sources": [
                    {
                      "filename": "Dockerfile",
                      "data": "RlJPTSBzY3JhdGNoIEFTIFVwCg==",
                      "language": "Dockerfile"
                    }
                  ]
                }

                """
        )
    }

    @Test func severalPlatformsAreToldOnce() throws {
        let socle = try prepared("FROM scratch AS Up\nARG TARGETARCH\nCOPY app-$TARGETARCH $MISSING /app\n")
        let result = try socle.run(["build", "--check", "--platform", "linux/amd64,linux/arm64", "."])
        #expect(result.text.hasPrefix("Check complete, 2 warnings have been found!\n"), "\(result.summary)")
    }

    @Test func contextsByNameAreNoMissingBases() throws {
        let socle = try prepared("FROM files\nCOPY $MISSING /x\n")
        try socle.write(["other": ["file": "x"]])
        let result = try socle.run(["build", "--check", "--build-context", "files=other", "."])
        #expect(result.text.contains("Usage of undefined variable '$MISSING'"), "\(result.summary)")
    }

    @Test func errorsComeAfterTheFindings() throws {
        let socle = try prepared("FROM scratch AS Up\nFNTRYPOINT x\nCOPY y\n")
        let result = try socle.run(["build", "--check", "."])
        #expect(result.status == 1)
        #expect(result.text.hasPrefix("Check complete, 1 warning has been found!\n\nWARNING: StageNameCasing"))
        #expect(
            result.errorText.contains(
                "dockerfile parse error on line 2: unknown instruction: FNTRYPOINT (did you mean ENTRYPOINT?)"
            )
        )
        #expect(result.errorText.contains("dockerfile parse error on line 3: COPY requires at least two arguments"))
        let json = try socle.run(["build", "--call=check,format=json", "."])
        #expect(json.text.contains("\"buildError\": {\n    \"message\": \"dockerfile parse error on line 2: unknown"))
        #expect(json.status == 1)
    }

    @Test func theIgnoreFileCounts() throws {
        let socle = try prepared("FROM scratch\nCOPY secret.txt /\nCOPY . /all/\n")
        try socle.write([".dockerignore": "*.txt\n"])
        let result = try socle.run(["build", "--check", "."])
        #expect(result.text.contains("Attempting to Copy file \"secret.txt\" that is excluded by .dockerignore"))
        #expect(result.text.contains("1 warning has been found"))
    }

    @Test func findingsMakeABuildFailWhenAsked() throws {
        let socle = try prepared("# check=error=true\nFROM scratch as x\nLABEL a=b\n")
        let failed = try socle.run(["build", "."])
        #expect(failed.status == 1)
        #expect(
            failed.errorText.contains(
                "ERROR: failed to build: failed to solve: lint violation found for rules: FromAsCasing"
            )
        )
        #expect(failed.errorText.contains("2 | >>> FROM scratch as x"))
        let other = try socle.run(["build", "--build-arg", "BUILDKIT_DOCKERFILE_CHECK=skip=all", "."])
        #expect(other.status == 0, "\(other.errorText)")
        let wrong = try socle.run(["build", "--build-arg", "BUILDKIT_DOCKERFILE_CHECK=skpi=all", "."])
        #expect(wrong.status == 1)
        #expect(wrong.errorText.contains("invalid check option \"skpi\" (did you mean skip?)"))
    }

    @Test func warningsAreListedAfterABuild() throws {
        let socle = try prepared("FROM scratch\nMAINTAINER me\n")
        let plain = try socle.run(["build", "--progress", "plain", "."])
        #expect(
            plain.errorText.hasSuffix(
                """

                 1 warning found (use --debug to expand):
                 - MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 2)

                """
            )
        )
        let expanded = try socle.run(["build", "-D", "."])
        #expect(
            expanded.errorText.hasSuffix(
                """
                 1 warning found:
                 - MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 2)
                The MAINTAINER instruction is deprecated, use a label instead to define an image author
                More info: https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/
                Dockerfile:2
                --------------------
                   1 |     FROM scratch
                   2 | >>> MAINTAINER me
                --------------------


                """
            )
        )
        #expect(try !socle.run(["build", "-q", "."]).errorText.contains("warning"))
    }

    @Test func outlineAndTargets() throws {
        let socle = try prepared(Self.shabby)
        #expect(
            try socle.output("build", "--call=outline", "--target=build", ".") == """
                TARGET:      build
                DESCRIPTION: compiles

                BUILD ARG   VALUE    DESCRIPTION
                tag         latest   the release to build on
                API_TOKEN   x        \("")

                SECRET   REQUIRED
                key      true

                SSH       REQUIRED
                default   \("")

                """
        )
        let given = try socle.output("build", "--call=outline", "--build-arg", "tag=1.2", ".")
        #expect(given.contains("tag         1.2     the release to build on"))
        #expect(
            try socle.output("build", "--call=targets", ".") == """
                TARGET         DESCRIPTION
                build          compiles
                last (default) \("")
                """
        )
        #expect(
            try socle.output("build", "--call=subrequests.describe", ".").hasPrefix("NAME                 VERSION DESC")
        )
        let unknown = try socle.run(["build", "--call=outlien", "."])
        #expect(unknown.status == 125)
        #expect(unknown.errorText.contains("unknown call \"outlien\" (did you mean outline?)"))
    }
}
