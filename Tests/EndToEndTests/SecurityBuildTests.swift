import SocleTesting
import Testing

/// Shapes of escapes that builders have had: steps whose mounts are led elsewhere while they are made, and after they were used.
@Suite(.requires(HostileFixture.needs), .serialized)
final class SecurityBuildTests: HostileContainers {
    /// CVE-2024-23651: a step that exchanges folders and links in a cache leads no other step's mount of it out, whether the link is in
    /// the cache that is mounted or on the way to the mount point.
    @Test func racesForCachesOfOtherSteps() throws {
        let text = try said(#"""
            find canary | sort > before
            # The fast step goes on until the slow ones have ended: they tell it by the cache, which all three share.
            cat > Dockerfile <<END
            FROM hostile AS swapper
            ARG ROUND
            RUN --mount=type=cache,id=c,target=/c mkdir -p /c/d; rm -rf /c/l /c/end; echo inside > /c/d/secret; ln -s $PWD/canary /c/l; \
                /swap /c/d /c/l & for i in \$(seq 600); do [ -e /c/end ] && break; sleep 0.05; done; kill \$!; rm -rf /c/d /c/l /c/end
            FROM hostile AS mounter
            ARG ROUND
            RUN --mount=type=cache,id=c,target=/c for i in \$(seq 200); do [ -e /c/l/secret ] || [ -e /c/d/secret ] && break; sleep 0.05; done
            RUN --mount=type=cache,id=c,source=d,target=/m cat /m/secret; touch /m/new; true
            RUN --mount=type=cache,id=c,source=l,target=/m cat /m/secret; touch /m/new; true
            RUN --mount=type=cache,id=c,target=/c --mount=type=tmpfs,target=/c/d/t --mount=type=cache,id=e,target=/c/l/u touch /c/d/t/new /c/l/u/new; true
            RUN --mount=type=cache,id=c,target=/c touch /c/end; echo > /ended
            FROM hostile
            COPY --from=swapper /etc/passwd /one
            COPY --from=mounter /etc/passwd /two
            END
            for round in 1 2 3 4; do
                timeout 60 $SOCLE build --progress plain --build-arg ROUND=$round . > said 2>&1; [ $? = 124 ] && echo hangs
                # Whether a mount came about or was refused, the step that ends the swapper was reached, or it ends by itself.
                grep -c CANARY said
            done
            find canary | sort | diff before -; cmp canary/secret <(echo CANARY''-CONTENT) && echo whole
            findmnt -rno TARGET | grep -c "$PWD"
            """#)
        #expect(text == "0\n0\n0\n0\nwhole\n0\n", "\(text)")
        try socle.expectNothingLeft()
    }

    /// CVE-2024-23652: mount points that a step made are taken away in the container, wherever the step has put a link meanwhile.
    @Test func mountPointsThatBecameLinks() throws {
        let text = try said(#"""
            mkdir -p canary/stub canary/deep/stub; : > canary/file; : > canary/deep/file; find canary | sort > before
            for link in $PWD/canary ../../../../../../../..$PWD/canary; do for away in 'mv -t /gone' 'rm -rf'; do
                cat > Dockerfile <<END
            FROM hostile
            RUN --mount=type=tmpfs,target=/d/stub --mount=type=bind,source=f,target=/d/file $away /d; ln -s $link /d; true
            RUN --mount=type=tmpfs,target=/e/deep/stub --mount=type=bind,source=f,target=/e/deep/file $away /e; ln -s $link /e; true
            RUN --mount=type=tmpfs,target=/o/deep/stub --mount=type=cache,target=/o/file $away /o/deep; ln -s $link /o/deep; true
            RUN mkdir -p /w/deep
            RUN --mount=type=tmpfs,target=/w/deep/stub rm -rf /w/deep; ln -s $link /w/deep/link; ln -sfn $link /w/deep; true
            END
                echo x > f; timeout 60 $SOCLE build --no-cache -q . > said 2>&1 && echo built; grep -c CANARY said
            done; done
            find canary | sort | diff before -; cmp canary/secret <(echo CANARY''-CONTENT) && echo whole
            """#)
        #expect(text == "built\n0\nbuilt\n0\nbuilt\n0\nbuilt\n0\nwhole\n", "\(text)")
        try socle.expectNothingLeft()
    }
}
