/// How each instruction is written, for hints.
enum InstructionForm {
    /// The form of an instruction by its name in upper case; nil for what is none.
    static func of(_ name: String) -> String? { forms[name] }

    private static let forms: [String: String] = [
        "ADD": "ADD [--chown=USER] [--chmod=MODE] [--link] [--checksum=DIGEST] [--keep-git-dir] [--unpack] "
            + "[--exclude=PATTERN] SOURCE… DESTINATION",
        "ARG": "ARG NAME[=VALUE]…",
        "CMD": "CMD [\"PROGRAM\", \"ARGUMENT\", …], or CMD COMMAND for the shell",
        "COPY": "COPY [--from=STAGE] [--chown=USER] [--chmod=MODE] [--link] [--parents] [--exclude=PATTERN] "
            + "SOURCE… DESTINATION",
        "ENTRYPOINT": "ENTRYPOINT [\"PROGRAM\", \"ARGUMENT\", …], or ENTRYPOINT COMMAND for the shell",
        "ENV": "ENV NAME=VALUE…",
        "EXPOSE": "EXPOSE PORT[-PORT][/tcp|/udp|/sctp]…",
        "FROM": "FROM [--platform=PLATFORM] IMAGE [AS NAME]",
        "HEALTHCHECK": "HEALTHCHECK [--interval=30s] [--timeout=30s] [--start-period=0s] [--start-interval=5s] "
            + "[--retries=3] CMD COMMAND, or HEALTHCHECK NONE",
        "LABEL": "LABEL NAME=VALUE…",
        "MAINTAINER": "LABEL org.opencontainers.image.authors=\"NAME\", which has taken the place of MAINTAINER NAME",
        "ONBUILD": "ONBUILD INSTRUCTION, with any instruction but ONBUILD, FROM and MAINTAINER",
        "RUN": "RUN [--mount=MOUNT] [--network=default|none|host] [--security=sandbox|insecure] COMMAND, or "
            + "RUN [\"PROGRAM\", \"ARGUMENT\", …]",
        "SHELL": "SHELL [\"/bin/bash\", \"-c\"]",
        "STOPSIGNAL": "STOPSIGNAL SIGNAL, by its name or its number",
        "USER": "USER NAME[:GROUP], or USER UID[:GID]",
        "VOLUME": "VOLUME PATH…, or VOLUME [\"PATH\", …]",
        "WORKDIR": "WORKDIR PATH",
    ]
}
