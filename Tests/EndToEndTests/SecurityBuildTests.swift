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
            # Without a race: where links lead that stand in the cache.
            cat > Dockerfile <<END
            FROM hostile
            RUN --mount=type=cache,id=c,target=/c rm -rf /c/*; ln -s $PWD/canary /c/l; ln -s ../../../../../../../..$PWD/canary /c/r
            RUN --mount=type=cache,id=c,target=/c --mount=type=tmpfs,target=/c/l/t --mount=type=cache,id=e,target=/c/r/u touch /c/l/t/new /c/r/u/new
            RUN --mount=type=cache,id=c,source=l,target=/m cat /m/secret; touch /m/new; true
            RUN --mount=type=cache,id=c,source=r,target=/m cat /m/secret; touch /m/new; true
            RUN --mount=type=cache,id=c,target=/c rm -rf /c/*
            END
            timeout -k 5 40 $SOCLE build --no-cache --progress plain . > said 2>&1 && echo built; grep -c CANARY said
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
                # One that has got out, or hangs, is enough.
                find canary | sort | cmp -s before - || break
                timeout -k 5 40 $SOCLE build --progress plain --build-arg ROUND=$round . > said 2>&1; [ $? -lt 124 ] || { echo hangs; break; }
                # Whether a mount came about or was refused, the step that ends the swapper was reached, or it ends by itself.
                grep -c CANARY said
            done
            find canary | sort | diff before -; cmp canary/secret <(echo CANARY''-CONTENT) && echo whole
            findmnt -rno TARGET | grep -c "$PWD"
            """#)
        #expect(text == "built\n0\n0\n0\n0\n0\nwhole\n0\n", "\(text)")
        try socle.expectNothingLeft()
    }

    /// CVE-2024-23652: nothing is removed outside where a step has put a link in place of what held its mount points.
    @Test func mountPointsThatBecameLinks() throws {
        let text = try said(#"""
            mkdir -p canary/stub canary/deep/stub; : > canary/file; : > canary/deep/file; find canary | sort > before
            echo x > f
            # Nothing renames or removes a mount point's folder in a layer while it is mounted: that takes a cache, or rights to unmount.
            # Each step fails unless it has put its link there, so a build proves that it was attacked.
            for link in $PWD/canary ../../../../../../../..$PWD/canary; do
                cat > Dockerfile <<END
            FROM hostile
            RUN --mount=type=cache,id=p,target=/c rm -rf /c/*; mkdir -p /c/d /c/e/deep
            RUN --mount=type=cache,id=p,target=/c --mount=type=tmpfs,target=/c/d/stub --mount=type=bind,source=f,target=/c/d/file \
                mv /c/d /c/away && ln -s $link /c/d
            RUN --mount=type=cache,id=p,target=/c --mount=type=cache,id=q,target=/c/e/deep/stub --mount=type=bind,source=f,target=/c/e/deep/file \
                mv /c/e /c/gone && ln -s $link /c/e
            RUN --security=insecure --mount=type=tmpfs,target=/d/stub --mount=type=bind,source=f,target=/d/file \
                umount -l /d/stub && umount -l /d/file && rm -rf /d && ln -s $link /d
            RUN mkdir -p /w/deep
            RUN --security=insecure --mount=type=cache,id=q,target=/w/deep/stub umount -l /w/deep/stub && rm -rf /w && ln -s $link /w
            END
                timeout -k 5 40 $SOCLE build --allow security.insecure --no-cache --progress plain . > said 2>&1 && echo built || tail -n 5 said
                grep -c CANARY said
            done
            find canary | sort | diff before -; cmp canary/secret <(echo CANARY''-CONTENT) && echo whole
            """#)
        #expect(text == "built\n0\nbuilt\n0\nwhole\n", "\(text)")
        try socle.expectNothingLeft()
    }
}
