import SocleTesting
import SystemPackage
import Testing

/// ADD of git repositories and contexts from them, from `git daemon` on the loopback.
@Suite(.requires(.all(.tool("git"), .tool("python3"))), .serialized)
struct GitContextTests {
    /// Runs a script after `RemoteFixture.gitDaemon`; it prints what it found wrong.
    private func check(_ script: String) throws {
        let socle = try Socle()
        let result = try socle.shell(RemoteFixture.gitDaemon + "\n" + script)
        #expect(result.status == 0, "\(result.errorText)")
        #expect(result.text == "", "\(result.errorText)")
        try socle.expectNothingLeft()
    }

    /// A repository with a branch, an annotated tag, an older commit, a runnable file, links, a directory.
    private static let repository = #"""
        repository repo
        mkdir -p repo/sub/deep
        echo one > repo/file; echo run > repo/sub/run; chmod 755 repo/sub/run; echo deep > repo/sub/deep/file
        ln -s ../../../../etc repo/escape; ln -s sub repo/link
        printf 'FROM scratch\nCOPY . /\n' > repo/Dockerfile
        printf 'FROM scratch\nCOPY deep /d\n' > repo/sub/Dockerfile
        printf 'file\n' > repo/.dockerignore
        umask 077
        commit repo first; first=$(git -C repo rev-parse HEAD)
        git -C repo tag -a v1 -m v1
        echo two > repo/file; commit repo second; second=$(git -C repo rev-parse HEAD)
        git -C repo checkout -q -b other; echo other > repo/file; commit repo third; git -C repo checkout -q main
        git -C repo update-ref refs/pull/7/head other
        serve
        """#

    @Test func referencesAndSubdirectories() throws {
        try check(
            Self.repository + #"""

                add() { printf 'FROM scratch\nADD %s /\n' "$1" > Dockerfile; socle build -q -t app . >/dev/null; files app >/dev/null; }
                add "$git/repo";                       expect default "$(content file)" two
                add "$git/repo#main";                  expect branch "$(content file)" two
                add "$git/repo#v1";                    expect tag "$(content file)" one
                add "$git/repo#refs/tags/v1";          expect 'whole tag' "$(content file)" one
                add "$git/repo#$first";                expect commit "$(content file)" one
                add "$git/repo#refs/pull/7/head";      expect pull "$(content file)" other
                add "$git/repo?branch=other";          expect query "$(content file)" other
                add "$git/repo?tag=v1&subdir=sub";     expect subdir "$(content run)" run
                add "$git/repo#v1:sub/deep";           expect 'deep subdir' "$(content file)" deep
                add "$git/repo#main:link/deep";        expect 'linked subdir' "$(content file)" deep
                """#
        )
    }

    @Test func filesAreTheSameForEverybody() throws {
        try check(
            Self.repository + #"""

                printf 'FROM scratch\nADD %s /\n' "$git/repo#v1" > Dockerfile
                one=$(umask 022; socle build -q -t app .)
                found=$(files app)
                expect_words 'a runnable file' "$found" '-rwxr-xr-x 0/0 2020-09-13 12:26:40 sub/run'
                expect_words 'a directory' "$found" 'drwxr-xr-x 0/0 2020-09-13 12:26:40 sub/'
                expect_words 'a file' "$found" '-rw-r--r-- 0/0 2020-09-13 12:26:40 file'
                expect_words 'a link' "$found" 'escape -> ../../../../etc'
                expect_no_git "$found"
                two=$(umask 077; SOCLE_ROOT=$PWD/second SOURCE_DATE_EPOCH=1700000000 socle build -q .)
                three=$(SOCLE_ROOT=$PWD/third SOURCE_DATE_EPOCH=1700000000 socle build -q .)
                expect 'the same image' "$two" "$three"
                """#
        )
    }

    @Test func aCommitThatIsKnownNeedsNoNetwork() throws {
        try check(
            Self.repository + #"""

                printf 'FROM scratch\nADD %s /\n' "$git/repo#$first" > Dockerfile
                one=$(layers $(socle build -q .))
                printf 'FROM scratch\nADD %s /\n' "$git/repo#v1" > Dockerfile
                expect 'the tag is that commit' "$(layers $(socle build -q .))" "$one"
                expect 'it is known' "$(socle build --progress plain . 2>&1 | grep -c CACHED)" 2
                kill $daemon; wait $daemon 2>/dev/null || true
                printf 'FROM scratch\nADD %s /\n' "$git/repo#$first" > Dockerfile
                expect 'without a network' "$(layers $(socle build -q .))" "$one"
                printf 'FROM scratch\nADD %s /\n' "$git/repo#main" > Dockerfile
                said=$(socle build . 2>&1) && echo "failed: a branch without a network"
                expect_words 'a branch' "$said" "failed to fetch remote $git/repo"
                """#
        )
    }

    @Test func checksumsAndTheGitDirectory() throws {
        try check(
            Self.repository + #"""

                printf 'FROM scratch\nADD --checksum=%s %s /\n' "$first" "$git/repo#v1" > Dockerfile
                socle build -q . >/dev/null
                printf 'FROM scratch\nADD --checksum=%s %s /\n' "$first" "$git/repo#main" > Dockerfile
                said=$(socle build . 2>&1) && echo "failed: a wrong checksum"
                expect_words 'a wrong checksum' "$said" "expected checksum to match $first, got $second"
                printf 'FROM scratch\nADD --keep-git-dir=true %s /r/\n' "$git/repo#v1" > Dockerfile
                export SOURCE_DATE_EPOCH=1700000000
                one=$(socle build -q -t app .); files app >/dev/null
                mkdir work; for layer in $(python3 -c 'import json; print(*json.load(open("out/manifest.json"))[0]["Layers"])'); do tar -C work -xf out/$layer; done
                expect 'its commit' "$(git -c safe.directory='*' -C work/r rev-parse HEAD)" "$first"
                expect 'its tag' "$(git -c safe.directory='*' -C work/r describe)" v1
                expect 'nothing changed' "$(git -c safe.directory='*' -C work/r status --porcelain)" ""
                expect 'its origin' "$(git -C work/r config remote.origin.url)" "$git/repo"
                expect 'the same again' "$(SOCLE_ROOT=$PWD/second socle build -q .)" "$one"
                """#
        )
    }

    @Test func submodulesAreThere() throws {
        try check(
            #"""
            repository inner; echo in > inner/file; commit inner inner
            repository middle; echo mid > middle/file; commit middle middle
            repository repo; echo out > repo/file; commit repo outer
            serve
            git -C middle submodule -q add "$git/inner" inner; commit middle submodule
            git -C repo submodule -q add "$git/middle" parts/middle
            git -C repo config -f .gitmodules submodule.parts/middle.url ../middle; commit repo submodule
            printf 'FROM scratch\nADD %s /\n' "$git/repo" > Dockerfile
            socle build -q -t app . >/dev/null; found=$(files app)
            expect 'of a submodule' "$(content parts/middle/file)" mid
            expect 'of its submodule' "$(content parts/middle/inner/file)" in
            expect_no_git "$found"
            printf 'FROM scratch\nADD %s /\n' "$git/repo?submodules=false" > Dockerfile
            socle build -q -t app . >/dev/null; files app >/dev/null
            expect 'without' "$(content parts/middle/file)" ''
            # A submodule from this machine's disk isn't taken.
            git -C repo config -f .gitmodules submodule.parts/middle.url "file://$PWD/middle"; commit repo evil
            printf 'FROM scratch\nADD %s /\n' "$git/repo#main" > Dockerfile
            said=$(socle build . 2>&1) && echo "failed: a submodule from a disk"
            expect_words 'a submodule from a disk' "$said" "transport 'file' not allowed"
            """#
        )
    }

    @Test func contexts() throws {
        try check(
            Self.repository + #"""

                socle build -q -t app "$git/repo#v1" >/dev/null; found=$(files app)
                expect 'the ignore file means nothing' "$(content file)" one
                socle build -q -t app "$git/repo#main:sub" >/dev/null; files app >/dev/null
                expect 'a subdirectory' "$(content d/file)" deep
                socle build -q -t app -f sub/Dockerfile "$git/repo" 2>/dev/null && echo "failed: deep is below sub"
                printf 'FROM scratch\nCOPY sub/run /x\n' | socle build -q -t app -f - "$git/repo" >/dev/null; files app >/dev/null
                expect 'a Dockerfile from stdin' "$(content x)" run
                printf 'FROM scratch\nCOPY --from=src file /n\n' > Dockerfile
                socle build -q -t app --build-context "src=$git/repo#v1" . >/dev/null; files app >/dev/null
                expect 'a named context' "$(content n)" one
                printf 'FROM src\n' > Dockerfile
                socle build -q -t app --build-context "src=$git/repo?branch=other" . >/dev/null; files app >/dev/null
                expect 'a base' "$(content file)" other
                """#
        )
    }

    @Test func mistakesAreExplained() throws {
        try check(
            Self.repository + #"""

                refused() {
                    printf 'FROM scratch\nADD %s /x/\n' "$1" > Dockerfile
                    said=$(socle build . 2>&1) && echo "failed: $1 was built"
                    expect_words "$1" "$said" "$2"
                }
                refused "$git/repo#nothing" "repository $git/repo does not contain ref nothing"
                refused "$git/repo#0123456789012345678901234567890123456789" 'does not contain'
                refused "$git/repo#main:nowhere" 'subdirectory "nowhere" not found in git repository'
                refused "$git/repo#main:file" 'subdirectory "file" not found in git repository'
                refused "$git/repo#main:escape" 'subdirectory "escape" not found in git repository'
                refused "$git/repo#main:../x" 'leads out of the repository'
                refused "$git/repo#--upload-pack=touch$PWD/owned" 'invalid git reference'
                refused "$git/gone" 'failed to fetch remote'
                refused 'http://127.0.0.1:1/x.git' 'failed to fetch remote http://127.0.0.1:1/x.git'
                [ ! -e owned ] || echo 'failed: an option got through'
                printf 'FROM scratch\nCOPY escape/passwd /p\n' > repo/Dockerfile; commit repo evil
                said=$(socle build "$git/repo" 2>&1) && echo 'failed: a link led out of the context'
                expect_words 'a link out of the context' "$said" 'not found'
                printf 'FROM scratch\nADD %s /x/\n' "$git/repo" > Dockerfile
                mkdir bin; ln -s "$(command -v python3)" bin/; said=$(PATH=$PWD/bin socle build . 2>&1) && echo 'failed: without git'
                expect_words 'without git' "$said" 'git is not installed'
                """#
        )
    }

    /// What looks like ssh runs the command here and says how it was called.
    @Test func secureShellAddresses() throws {
        try check(
            Self.repository + #"""

                mkdir bin
                cat > bin/ssh <<'EOF'
                #!/bin/sh
                printf '%s\n' "$*" >> called
                while case $1 in -o|-p) shift ;; -*) ;; *) false ;; esac; do shift; done
                shift
                exec sh -c "$*"
                EOF
                chmod 755 bin/ssh
                export PATH=$PWD/bin:$PATH
                printf 'FROM scratch\nADD git@example.com:repo#v1 /\n' > Dockerfile
                socle build -q -t app . >/dev/null; files app >/dev/null
                expect 'a short address' "$(content file)" one
                socle build -q -t app "ssh://me@example.com:2222$PWD/repo#main" >/dev/null; files app >/dev/null
                expect 'a long address' "$(content file)" two
                expect_words 'the calls' "$(cat called)" 'BatchMode=yes'
                expect_words 'the calls' "$(cat called)" '-p 2222 me@example.com'
                """#
        )
    }

    /// A server without smart HTTP gives neither single commits nor shallow fetches; credentials go to it alone.
    @Test func aPlainWebServerWillDo() throws {
        try check(
            #"""
            repository repo; echo one > repo/file; commit repo first; first=$(git -C repo rev-parse HEAD)
            git -C repo tag -a v1 -m v1; echo two > repo/file; commit repo second
            git clone -q --bare repo web.git; git -C web.git update-server-info
            python3 -c '
            import http.server, os
            class Files(http.server.SimpleHTTPRequestHandler):
                def log_message(self, *words): pass
                def do_GET(self):
                    if self.headers.get("Authorization") == "Basic bWU6cEBzcw==": return super().do_GET()
                    self.send_response(401); self.send_header("WWW-Authenticate", "Basic realm=x"); self.end_headers()
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
            with open("port.new", "w") as file: file.write(str(server.server_port))
            os.rename("port.new", "port")
            server.serve_forever()
            ' & server=$!
            trap 'kill $server; wait $server 2>/dev/null || true' EXIT
            for _ in $(seq 100); do [ -e port ] && break; sleep 0.1; done
            web=127.0.0.1:$(cat port)/web.git
            for reference in '' '#main' '#v1' "#$first"; do
                printf 'FROM scratch\nADD http://me:p%%40ss@%s /\n' "$web$reference" > Dockerfile
                said=$(socle build --progress plain -t app . 2>&1) || echo "failed: $reference: $said"
                files app >/dev/null
                wanted=one; [ "${reference:-#main}" = '#main' ] && wanted=two
                expect "$reference" "$(content file)" $wanted
                case "$said" in *p%40ss*|*p@ss*) echo "failed: the password was shown: $said" ;; esac
            done
            printf 'FROM scratch\nADD http://%s#main /\n' "$web" > Dockerfile
            said=$(socle build . 2>&1 </dev/null) && echo 'failed: without a password'
            expect_words 'without a password' "$said" "failed to fetch remote http://$web"
            grep -rq 'p@ss\|bWU6' store/git && echo 'failed: the password is on disk' || true
            """#
        )
    }
}
