import SocleTesting
import SystemPackage
import Testing

/// `--mount volume-subpath=…` and `bind-recursive=…`, which Docker has since 26 and 25.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
final class VolumeSubpathTests {
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work).string
        try socle.output("import", tar, "base")
        self.socle = socle
    }

    private static let prelude = #"""
        export SOCLE_NETWORK=none; mkdir canary; echo secret >canary/f
        data=$(socle volume inspect -f '{{.Mountpoint}}' $(socle volume create vol))
        mkdir -p $data/a/b $data/c; echo deep >$data/a/b/f; echo file >$data/file; ln -s a/b $data/inside; ln -s ../file $data/a/up
        ln -s $PWD/canary $data/absolute; ln -s ../../../canary $data/out; ln -s ../../../canary/f $data/a/far; ln -s loop $data/loop
        run() { mount=$1; shift; socle run --rm --mount "src=vol,dst=/m,$mount" base "$@" 2>&1 | grep -v "^See"; }
        """# + "\n"

    private func expect(_ script: String, _ expected: String, location: SourceLocation = #_sourceLocation) throws {
        let result = try socle.shell(Self.prelude + script)
        let text = result.text.replacing(socle.work.string, with: "WORK")
        #expect(text == expected, "\(result.errorText)", sourceLocation: location)
    }

    @Test func aPartOfAVolumeShows() throws {
        try expect(
            #"""
            run volume-subpath=a/b sh -c 'cat /m/f; echo new >/m/new'; cat $data/a/b/new
            run volume-subpath=./c/../inside/ cat /m/f; run volume-subpath=file cat /m; run volume-subpath=a/up cat /m; run volume-subpath=. ls -d /m/c
            run volume-subpath=a/b,readonly sh -c 'echo x >/m/x; ls /m'; run volume-subpath=c ls /m
            socle create --name one --mount src=vol,dst=/bin,volume-subpath=c base true >/dev/null; ls $data/c
            socle inspect -f '{{(index .Mounts 0).Source}} {{json (index .HostConfig.Mounts 0).VolumeOptions}}' one | sed "s#$data#DATA#"
            echo in >in; socle cp -q in one:/bin/in; cat $data/c/in; socle rm one
            socle run -d --name two --mount src=vol,dst=/m,volume-subpath=a base sleep 1000 >/dev/null; socle restart -t 0 two; socle exec two ls /m
            socle run --rm --volumes-from two base cat /m/b/f; socle rm -f two
            """#,
            """
            deep
            new
            deep
            file
            file
            /m/c
            sh: can't create /m/x: Read-only file system
            f
            new
            DATA {"Subpath":"c"}
            in
            one
            two
            b
            far
            up
            deep
            two

            """
        )
    }

    @Test func noLinkLeadsOut() throws {
        try expect(
            #"""
            for path in absolute out absolute/f out/f a/far; do run volume-subpath=$path ls /m | sed "s#$data#DATA#"; done
            run volume-subpath=loop ls /m | grep -o 'too many.*'; run volume-subpath=nope ls /m | sed "s#$data#DATA#"
            for path in /etc .. a/../../vol c/../..; do run volume-subpath=$path ls /m; done | grep -o 'invalid mount config[^.]*'
            socle run --rm --mount dst=/m,volume-subpath=c base ls /m 2>&1 | grep -o 'invalid mount config[^.]*'
            socle run --rm --mount type=bind,src=/tmp,dst=/m,volume-subpath=c base ls /m 2>&1 | grep -o 'flag: .*'
            socle create --name one --mount src=vol,dst=/m,volume-subpath=c base cat /m/f >/dev/null
            rmdir $data/c; ln -s $PWD/canary $data/c; socle start -a one 2>&1 | sed "s#$data#DATA#"
            socle cp one:/m/f - >/dev/null 2>&1 || echo refused; socle cp canary/f one:/m/g 2>/dev/null || echo refused; ls canary; socle rm one
            mkdir $data/d $data/other; echo fine >$data/d/f
            (while [ ! -e stop ]; do mv $data/d $data/e; ln -s $PWD/canary $data/d; rm $data/d; mv $data/e $data/d; done) & swapper=$!
            for try in $(seq 20); do run volume-subpath=d cat /m/f; done | grep -c secret; touch stop; wait $swapper
            socle create --mount src=cache,dst=/m,volume-subpath=x,volume-opt=type=tmpfs,volume-opt=device=tmpfs base true 2>&1 | head -1
            """#,
            """
            socle: "absolute" leads out of DATA.
            socle: "out" leads out of DATA.
            socle: "absolute/f" leads out of DATA.
            socle: "out/f" leads out of DATA.
            socle: "a/far" leads out of DATA.
            too many levels of symbolic links.
            socle: bind source path does not exist: DATA/nope.
            invalid mount config for type "volume": subpath must be a relative path within the volume
            invalid mount config for type "volume": subpath must be a relative path within the volume
            invalid mount config for type "volume": subpath must be a relative path within the volume
            invalid mount config for type "volume": subpath must be a relative path within the volume
            invalid mount config for type "volume": must not set Subpath when using anonymous volumes
            flag: cannot mix 'volume-*' options with mount type 'bind'
            Error: "c" leads out of DATA
            refused
            refused
            f
            one
            0
            Error: volume-subpath of volume cache, which is there only while a container runs, is not supported

            """
        )
    }

    @Test(.requires(.all(.tool("runc"), .tool("unshare")))) func otherRuntimesAndSubmounts() throws {
        try expect(
            #"""
            socle run --rm --runtime runc --mount src=vol,dst=/m,volume-subpath=c base true 2>&1 | head -1
            mkdir top top/below; bind() { "$SOCLE" run --rm --mount type=bind,src=$PWD/top,dst=/m,$1 base sh -c 'ls /m/below; echo x >/m/below/new; echo x >/m/new' 2>&1 | grep -v ^See | sed 's/.*--mount" //'; rm -f top/below/new; }
            export -f bind; unshare -m bash -c 'mount -t tmpfs none top/below; touch top/below/submount
            bind bind-recursive=enabled; rm -f top/new; for how in disabled,ro enabled,ro writable,ro readonly,ro,bind-propagation=rprivate writable readonly readonly,ro bogus; do echo "= $how"; bind bind-recursive=$how; done'
            socle create --name one --mount type=bind,src=$PWD/top,dst=/m,ro,bind-recursive=writable --mount type=bind,src=$PWD/top,dst=/n,bind-recursive=disabled base true >/dev/null
            socle inspect -f '{{range .HostConfig.Mounts}}{{json .BindOptions}}{{end}}' one; socle rm one
            """#,
            """
            socle: volume-subpath is not supported with runtime runc.
            submount
            = disabled,ro
            sh: can't create /m/below/new: Read-only file system
            sh: can't create /m/new: Read-only file system
            = enabled,ro
            submount
            sh: can't create /m/below/new: Read-only file system
            sh: can't create /m/new: Read-only file system
            = writable,ro
            submount
            sh: can't create /m/new: Read-only file system
            = readonly,ro,bind-propagation=rprivate
            submount
            sh: can't create /m/below/new: Read-only file system
            sh: can't create /m/new: Read-only file system
            = writable
            flag: option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction
            = readonly
            flag: option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction
            = readonly,ro
            flag: option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction
            = bogus
            flag: invalid value for bind-recursive: bogus (must be "enabled", "disabled", "writable", or "readonly")
            {"ReadOnlyNonRecursive":true}{"NonRecursive":true}
            one

            """
        )
    }
}
