import SocleTesting
import Testing

/// socle as a root who lacks a capability, as in another container or a hardened service: what can work without it does, the rest says
/// what is missing.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox, .tool("setpriv"))), .serialized)
final class CapabilityTests {
    private let socle: Socle

    init() throws {
        socle = try Socle()
        _ = try Fixture.busyboxRoot(in: socle.work)
        let made = try socle.shell(
            """
            set -e
            socle import busybox.tar base
            mkdir context; echo a > context/a; printf 'FROM base\nCOPY a /a\nRUN echo hi > /x && cat /a\n' > Dockerfile
            """
        )
        _ = try made.succeeding()
    }

    /// Every capability, by number.
    private static let all = """
        chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin \
        net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time \
        sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon \
        bpf checkpoint_restore
        """.split(separator: " ").map(String.init)

    /// What fails where one is missing: the verb, and what it says. Everything else works.
    private static let failures: [String: [String: String]] = [
        "net_admin": ["bridge": "(socle itself lacks CAP_NET_ADMIN)"],
        "setgid": ["user": "can't become 1000:1000 groups 1000: socle itself lacks CAP_SETGID"],
        "setuid": ["user": "can't become 1000:1000 groups 1000: socle itself lacks CAP_SETUID"],
        "sys_chroot": ["exec": "(socle itself lacks CAP_SYS_CHROOT)"],
        "sys_admin": [
            "none": administration, "host": administration, "bridge": administration, "user": administration,
            "detached": administration, "exec": "", "build": administration, "terminal": administration,
        ],
    ]
    private static let administration = "containers need the capability CAP_SYS_ADMIN, which socle itself lacks here"

    @Test(arguments: all)
    func oneIsMissing(_ name: String) throws {
        let result = try socle.shell(
            """
            as() { setpriv --bounding-set=-\(name) --inh-caps=-all --ambient-caps=-all "$SOCLE" "$@"; }
            say() { verb=$1; shift; said=$(as "$@" 2>&1 < /dev/null) && echo "$verb works" || echo "$verb fails: $(echo "$said" | tr '\\n' ' ')"; }
            say none run --rm --network none base sh -c 'cat /dev/null && echo x > /dev/full || : > /dev/zero'
            say host run --rm --network host base touch /x
            say bridge run --rm --network bridge base touch /x
            say user run --rm --network none -u 1000:1000 base id
            say terminal run --rm -t --network none base stat /dev/console
            say detached run -d --network none --name one base sleep 1000
            say exec exec one id
            say stop rm -f one
            say build build -q --no-cache -f Dockerfile context
            socle network prune -f
            """
        )
        let expected = Self.failures[name] ?? [:]
        for verb in ["none", "host", "bridge", "user", "terminal", "detached", "exec", "stop", "build"] {
            guard let line = result.text.split(separator: "\n").first(where: { $0.hasPrefix("\(verb) ") }) else {
                Issue.record("\(name): \(verb) says nothing: \(result.summary)")
                continue
            }
            if let words = expected[verb] {
                #expect(line.hasPrefix("\(verb) fails") && line.contains(words), "\(name): \(line)")
            } else {
                #expect(line == "\(verb) works", "\(name): \(line)")
            }
        }
        try socle.expectNothingLeft()
    }

    /// What is missing is left out of what every container has, and is an error where it is asked for by name.
    @Test func whatContainersHave() throws {
        let result = try socle.shell(
            """
            as() { missing=$1; shift; setpriv --bounding-set=-$missing --inh-caps=-all --ambient-caps=-all "$SOCLE" "$@" 2>&1; }
            run() { missing=$1; shift; as $missing run --rm --network none "$@"; }
            run mknod base grep -E 'Cap(Eff|Bnd)|NoNew' /proc/self/status
            run mknod --cap-add MKNOD base true | head -1
            run mknod --privileged base sh -c 'grep -c "CapEff:.*a80425fb" /proc/self/status; stat -c %t:%T /dev/null'
            run mknod --device /dev/null:/dev/mine base stat -c %t:%T /dev/mine
            run mknod base stat -c '%F %a %t:%T' /dev/null /dev/urandom
            run setpcap base grep -E 'Cap(Eff|Prm)|NoNew' /proc/self/status
            run setpcap --cap-drop ALL base sh -c 'grep CapEff /proc/self/status; chown 1 /bin/sh 2> /dev/null || echo refused'
            as setpcap run -d --name one --network none base sleep 1000 > /dev/null
            as setpcap exec one grep -E 'CapEff|NoNew' /proc/self/status; socle rm -f one
            run setgid --group-add 5 base true | head -1
            run net_admin base ip addr show lo | grep -c LOOPBACK,UP
            run net_admin --userns auto --cap-add NET_ADMIN base ip addr show lo | grep -c LOOPBACK,UP
            """
        )
        #expect(
            result.text == """
                CapEff:\t00000000a00425fb
                CapBnd:\t00000000a00425fb
                NoNewPrivs:\t0
                socle: invalid CapAdd: capability not supported by your kernel or not available in the current environment: "CAP_MKNOD".
                0
                1:3
                1:3
                character special file 666 1:3
                character special file 666 1:9
                CapPrm:\t00000000a80424fb
                CapEff:\t00000000a80424fb
                NoNewPrivs:\t1
                CapEff:\t0000000000000000
                refused
                CapEff:\t00000000a80424fb
                NoNewPrivs:\t1
                one
                socle: --group-add needs the capability CAP_SETGID, which socle itself lacks here.
                0
                1

                """,
            "\(result.summary)"
        )
        try socle.expectNothingLeft()
    }
}
