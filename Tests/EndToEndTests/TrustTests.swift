import SocleTesting
import Testing

/// Trust policies and signatures, with Debian's registry on the loopback, and OpenSSL as the other side.
@Suite(
    .requires(.all(.root, .overlay, .tool("docker-registry"), .tool("curl"), .tool("openssl"), .tool("jq"))),
    .serialized
)
struct TrustTests {
    /// Runs a script after `prelude`; it prints what it found wrong.
    private func check(_ script: String) throws {
        let socle = try Socle()
        let result = try socle.shell(Self.prelude + script)
        #expect(result.status == 0, "\(result.summary)")
        #expect(result.text == "", "\(result.summary)")
    }

    /// A registry `$H`, `app:1` signed by `a.key`, `app:2` not signed; the functions say what they find wrong.
    private static let prelude = #"""
        set -u
        export SOCLE_TRUST=$PWD/trust.json
        wrong() { echo "wrong: $*"; }
        for try in 1 2 3 4 5; do
          port=$((20000 + RANDOM % 20000)); H=127.0.0.1:$port
          printf 'version: 0.1\nstorage: {filesystem: {rootdirectory: %s/registry}}\nhttp: {addr: %s}\n' "$PWD" "$H" > registry.yml
          docker-registry serve registry.yml > registry.log 2>&1 & registry=$!
          for wait in $(seq 50); do curl -sf -o /dev/null "http://$H/v2/" && break 2; kill -0 $registry 2> /dev/null || break; sleep 0.1; done
          kill $registry 2> /dev/null
        done
        trap 'kill $registry; wait $registry 2> /dev/null' EXIT
        free() { SOCLE_TRUST=$PWD/none socle "$@" > free.log 2>&1 || wrong "$*: $(cat free.log)"; }
        fresh() { rm -rf "$SOCLE_ROOT"; }
        files() { find "$SOCLE_ROOT"/blobs "$SOCLE_ROOT"/trees "$SOCLE_ROOT"/tmp -type f 2> /dev/null | wc -l; }
        accepted() { fresh; socle pull -q "$H/$1" > out.log 2>&1 || wrong "$1 was refused: $(cat out.log)"; }
        # refused NAME WORDS: with these words, and with nothing kept
        refused() {
          fresh
          socle pull -q "$H/$1" > out.log 2>&1 && wrong "$1 was let in"
          grep -qF -- "$2" out.log || wrong "$1: $(cat out.log)"
          [ "$(files)" = 0 ] || wrong "$1: $(files) files are here"
        }
        types='application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json'
        digest() { curl -sfI -H "Accept: $types" "http://$H/v2/$1/manifests/$2" | tr -d '\r' | sed -n 's/^Docker-Content-Digest: //Ip'; }
        # put REPOSITORY TAG TYPE < manifest
        put() { curl -sf -X PUT -H "Content-Type: $3" --data-binary @- "http://$H/v2/$1/manifests/$2" || wrong "put $1 $2"; }
        # blob REPOSITORY FILE
        blob() {
          place=$(curl -sfi -X POST "http://$H/v2/$1/blobs/uploads/" | tr -d '\r' | sed -n 's/^Location: //Ip')
          curl -sf -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$2" "$place&digest=sha256:$(sha256sum < "$2" | cut -c1-64)" || wrong "blob $1 $2"
        }
        # sign REPOSITORY DIGEST NAME: by openssl and a.key, as cosign does it
        sign() {
          printf '{"critical":{"identity":{"docker-reference":"%s"},"image":{"docker-manifest-digest":"%s"},"type":"cosign container image signature"},"optional":null}' "$3" "$2" > payload
          openssl dgst -sha256 -sign a.key -out signature payload
          printf '{}' > config
          blob "$1" payload; blob "$1" config
          jq -n --arg s "$(base64 -w0 signature)" --arg p "sha256:$(sha256sum < payload | cut -c1-64)" --arg c "sha256:$(sha256sum < config | cut -c1-64)" --argjson n "$(stat -c %s payload)" \
            '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $c, size: 2},
              layers: [{mediaType: "application/vnd.dev.cosign.simplesigning.v1+json", digest: $p, size: $n, annotations: {"dev.cosignproject.cosign/signature": $s}}]}' |
            put "$1" "$(tag "$2")" application/vnd.oci.image.manifest.v1+json
        }
        tag() { echo "sha256-${1#sha256:}.sig"; }
        copy() { curl -sf -H "Accept: $types" "http://$H/v2/$1/manifests/$2" | put "$1" "$3" "$4"; }
        socle image trust key generate a > /dev/null
        socle image trust key generate --type ed25519 b > /dev/null
        mkdir root; echo one > root/file; tar -C root -cf one.tar .; echo two > root/file; tar -C root -cf two.tar .
        free import one.tar "$H/team/app:1"; free push -q --sign-by a.key "$H/team/app:1"
        free import two.tar "$H/team/app:2"; free push -q "$H/team/app:2"
        one=$(digest team/app 1); two=$(digest team/app 2)
        socle image trust set "$H/*" reject
        socle image trust set "$H/team/*" --key a.pub

        """#

    @Test func signedImagesComeInAndOthersDont() throws {
        try check(
            #"""
            accepted team/app:1
            accepted team/app@$one
            socle inspect -f '{{json .RepoDigests}}' $H/team/app:1 > out.log 2>&1 && wrong 'a pull by digest named the image'
            refused team/app:2 'it has no signature'
            refused team/app@$two 'it has no signature'
            refused other:1 'its images are not to be used'
            socle image trust set "$H/team/*" --key b.pub
            refused team/app:1 'by another key'
            socle image sign --key b.key $H/team/app:1 > /dev/null
            accepted team/app:1
            socle image verify -q --key a.pub $H/team/app:1 || wrong 'the second signature has replaced the first'
            """#
        )
    }

    @Test func whatIsMovedOrCopiedIsRefused() throws {
        try check(
            #"""
            oci=application/vnd.oci.image.manifest.v1+json
            copy team/app 1 3 $oci
            refused team/app:3 "for \"$H/team/app:1\""
            copy team/app 2 1 $oci
            refused team/app:1 'it has no signature'
            copy team/app $(tag $one) $(tag $two) $oci
            refused team/app:1 "of another image, $one"
            free import one.tar $H/team/copy:1; free push -q $H/team/copy:1
            same=$(digest team/copy 1)
            sign team/copy $same $H/team/app
            refused team/copy:1 "for \"$H/team/app\""
            """#
        )
    }

    @Test func changedSignaturesAreRefused() throws {
        try check(
            #"""
            curl -s -H "Accept: $types" http://$H/v2/team/app/manifests/$(tag $one) > signed
            blobs=$PWD/registry/docker/registry/v2/blobs/sha256
            payload=$(jq -r '.layers[0].digest' signed); hex=${payload#sha256:}
            sed -i 's/socle/other/' $blobs/${hex:0:2}/$hex/data
            refused team/app:1 "isn't what its manifest says"
            jq -c '.layers[0].annotations["dev.cosignproject.cosign/signature"] |= "AAAA" + .[4:]' signed | put team/app $(tag $one) application/vnd.oci.image.manifest.v1+json
            refused team/app:1 'no signature of it counts'
            """#
        )
    }

    @Test func theFormatIsCosigns() throws {
        try check(
            #"""
            sign team/app $two $H/team/app
            accepted team/app:2
            sign team/app $two ""
            refused team/app:2 'docker-reference'
            curl -s -H "Accept: $types" http://$H/v2/team/app/manifests/$(tag $one) > signed
            curl -s http://$H/v2/team/app/blobs/$(jq -r '.layers[0].digest' signed) > payload
            jq -r '.layers[0].annotations["dev.cosignproject.cosign/signature"]' signed | base64 -d > signature
            openssl dgst -sha256 -verify a.pub -signature signature payload > out.log 2>&1 || wrong "openssl: $(cat out.log)"
            [ "$(jq -r '.critical.image["docker-manifest-digest"]' payload)" = $one ] || wrong "$(cat payload)"
            [ "$(jq -r '.critical.type' payload)" = 'cosign container image signature' ] || wrong "$(cat payload)"
            """#
        )
    }

    @Test func indexesAndTheirManifests() throws {
        try check(
            #"""
            size=$(curl -sI -H "Accept: $types" http://$H/v2/team/app/manifests/$two | tr -d '\r' | sed -n 's/^Content-Length: //Ip')
            kind=$(curl -sI -H "Accept: $types" http://$H/v2/team/app/manifests/$two | tr -d '\r' | sed -n 's/^Content-Type: //Ip')
            machine=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
            jq -n --arg d $two --argjson s $size --arg k $kind --arg a $machine '{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json",
              manifests: [{mediaType: $k, digest: $d, size: $s, platform: {architecture: $a, os: "linux"}}]}' > index
            put team/app multi application/vnd.oci.image.index.v1+json < index
            index=sha256:$(sha256sum < index | cut -c1-64)
            refused team/app:multi 'it has no signature'
            socle image sign --attach referrer --key a.key $H/team/app:multi > /dev/null || wrong 'sign'
            accepted team/app:multi
            socle image trust set $H/team/multi --key a.pub
            put team/app other application/vnd.oci.image.index.v1+json < <(jq '.annotations = {a: "b"}' index)
            refused team/app:other 'it has no signature'
            sign team/app $two $H/team/app
            accepted team/app:other
            """#
        )
    }

    @Test func buildsRunsAndLoadsAsk() throws {
        try check(
            #"""
            mkdir context; echo "FROM $H/team/app:2" > context/Dockerfile
            fresh; socle build -q context > out.log 2>&1 && wrong 'a build stands on it'
            grep -q 'it has no signature' out.log || wrong "$(cat out.log)"
            socle run --rm $H/team/app:2 /x > out.log 2>&1; [ $? = 125 ] || wrong "$(cat out.log)"
            [ $(files) = 0 ] || wrong "$(files) files"
            echo "FROM $H/team/app:1" > context/Dockerfile
            socle build -q context > out.log 2>&1 || wrong "$(cat out.log)"
            free pull -q $H/team/app:2; free save -o two.archive $H/team/app:2
            fresh; socle load -i two.archive > out.log 2>&1 && wrong 'it was loaded'
            grep -q 'it has no signature' out.log || wrong "$(cat out.log)"
            [ $(files) = 0 ] || wrong "$(files) files after load"
            socle image trust set $H/team/app --digest $two
            socle load -q -i two.archive > out.log 2>&1 || wrong "$(cat out.log)"
            accepted team/app:2
            refused team/app:1 'is not one of its digests'
            socle image trust rm "$H/*" "$H/team/*" $H/team/app
            accepted team/app:1
            echo '{"version": 1, "rules": [{"match": "*", "requires": "accept"}]}' > trust.json
            refused team/app:1 'unknown member "requires"'
            """#
        )
    }
}
