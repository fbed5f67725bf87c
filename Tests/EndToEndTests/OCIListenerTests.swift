import SocleTesting
import Testing

/// Filters that ask somebody on the host: he gets the descriptor, learns whose it is, and answers.
@Suite(.requires(.all(OCIFixture.needs, .tool("python3"))), .serialized)
final class OCIListenerTests {
    private static let runc = OCIFixture.runc
    private let oci: OCIFixture

    init() throws {
        oci = try OCIFixture()
        try FileTree.write(["b/agent.py": .file(Array(Self.agent.utf8), mode: 0o755)], to: oci.socle.work)
    }

    /// Takes so many listeners, prints what came with each, and answers with `EOPNOTSUPP` where a directory is to be made.
    private static let agent = #"""
        import fcntl, json, os, platform, select, socket, struct, sys
        directories = {"x86_64": (83, 258), "aarch64": (34,)}[platform.machine()]
        receive, answer = 0xc0502100, 0xc0182101
        listener = socket.socket(socket.AF_UNIX); listener.bind("agent.sock"); listener.listen()
        open("ready", "w").close()
        def serve(descriptor):
            poll = select.poll(); poll.register(descriptor, select.POLLIN)
            while not poll.poll()[0][1] & select.POLLHUP:
                request = bytearray(80)
                try:
                    fcntl.ioctl(descriptor, receive, request)
                    number, call = struct.unpack_from("=Q8xi", request)
                    denied = call in directories
                    fcntl.ioctl(descriptor, answer, struct.pack("=QqiI", number, 0, -95 if denied else 0, 0 if denied else 1))
                except OSError: pass
        for _ in range(int(sys.argv[1])):
            client = listener.accept()[0]
            text, descriptors = b"", []
            while True:
                part, passed, _, _ = socket.recv_fds(client, 65536, 4)
                text += part; descriptors += passed
                try: state = json.loads(text)
                except ValueError: continue
                break
            with open("told", "a") as told: print(text.decode(), len(descriptors), file=told)
            client.close()
            if os.fork() == 0:
                listener.close(); serve(descriptors[0]); os._exit(0)
            os.close(descriptors[0])
        """#

    /// `agent N` is there for so many programs; `t FILTER` runs a container that makes a directory, `told` is what the agent heard.
    private static let words = #"""
        mkdir -p rootfs/tmp
        agent() { rm -f agent.sock ready told; timeout 100 python3 agent.py $1 </dev/null >/dev/null 2>&1 & n=$!; until [ -e ready ] || ! kill -0 $n; do sleep 0.01; done; }
        asks='.annotations={k:"v"}|.root.readonly=false|.linux.seccomp={defaultAction:"SCMP_ACT_ALLOW",listenerPath:($ENV.PWD+"/agent.sock"),listenerMetadata:"some words",syscalls:[{names:["mkdir","mkdirat"],action:"SCMP_ACT_NOTIFY"}]}'
        t() { bundle "$asks|.process.args=[\"sh\",\"-c\",\"exec 2>&1; mkdir /tmp/x; echo \$?; grep -E Seccomp: /proc/self/status\"]|$1"; r run e2e-asks; ls rootfs/tmp; }
        told() { sed -E 's/"ociVersion":"[^"]*"/"ociVersion":""/g; s/"bundle":"[^"]*"/"bundle":""/' told; }

        """#

    @Test(.requires(runc))
    func aContainerThatAsks() throws {
        try oci.expectTheSame(
            Self.words
                + #"""
                agent 8; t .; t '.process.noNewPrivileges=false'; t '.process.user.uid=1000'; t '.process.user.uid=1000|.process.noNewPrivileges=false'
                t 'del(.linux.seccomp.listenerMetadata)|del(.annotations)'
                # The container's own beginning may be asked about, but for what it takes to ask.
                t '.linux.seccomp.syscalls[0].names+=["read","recvfrom","close","execve","capset","setgroups","setresuid","prctl","accept4","dup3"]'
                bundle "$asks"; r create e2e-asks </dev/null >/dev/null 2>&1; tail -n 1 told | jq -e ".pid==$(q state e2e-asks | jq .pid) and .pid==.state.pid"
                r start e2e-asks; r exec e2e-asks mkdir /tmp/x; tail -n 1 told | jq -e ".pid!=.state.pid and .state.pid==$(q state e2e-asks | jq .pid)"; q delete -f e2e-asks
                told | sed -E 's/"pid":[0-9]+/"pid":PID/g'; wait $n
                """#
        )
    }

    @Test(.requires(runc))
    func whatCantBeAsked() throws {
        try oci.expectTheSame(
            Self.words
                + #"""
                t '.linux.seccomp.defaultAction="SCMP_ACT_NOTIFY"'; t '.linux.seccomp.syscalls[0].names=["mkdir","write"]'
                t 'del(.linux.seccomp.listenerPath)'; t '.linux.seccomp.listenerPath="/nonexistent"'; touch file; t '.linux.seccomp.listenerPath=($ENV.PWD+"/file")'
                # Nobody has to listen where nobody is asked.
                t '.linux.seccomp.syscalls[0].action="SCMP_ACT_LOG"|.process.args=["true"]'
                """#
        )
    }

    /// Without an agent no container begins, and a filter that forbids to ask is no success.
    @Test func agentsThatAreGoneAndFlags() throws {
        let said = try oci.ours(
            Self.words
                + #"""
                agent 1; t '.process.args=["true"]'; wait $n; t .
                agent 1; t '.linux.seccomp.flags=["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV","SECCOMP_FILTER_FLAG_TSYNC"]'; wait $n
                t '.linux.seccomp.syscalls=[]|.linux.seccomp.flags=["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]'; t '.linux.seccomp.flags=["SECCOMP_FILTER_FLAG_NEW_LISTENER"]'
                t 'del(.linux.seccomp.listenerPath)|.linux.seccomp.syscalls=[]'; t '.linux.seccomp.syscalls+=[{names:["write"],action:"SCMP_ACT_ERRNO"}]|.process.noNewPrivileges=false'
                """#
        )
        let lines = said.split(separator: "\n").map(String.init)
        let expected = [
            "= 0", "connect: connection refused", "mkdir: can't create directory '/tmp/x': Operation not supported",
            "needs SCMP_ACT_NOTIFY",
            "SECCOMP_FILTER_FLAG_NEW_LISTENER\\\" is not supported", "listenerMetadata is set, and listenerPath is not",
            "its first process has ended",
        ]
        var at = lines.startIndex
        for text in expected {
            let found = lines[at...].firstIndex { $0.contains(text) }
            #expect(found != nil, "\(text) is missing in:\n\(said)")
            at = found.map { $0 + 1 } ?? at
        }
        try oci.expectNothingLeft()
    }
}
