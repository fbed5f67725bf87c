import ContainerRuntime
import OCISpec
import Testing

@testable import BundleRuntime

@Suite struct BundleTests {
    @Test(arguments: [
        (true, ["XDG_RUNTIME_DIR": "/run/user/1"], "/run/socle"), (false, ["XDG_RUNTIME_DIR": "/run/user/1", "USER": "me"], "/run/user/1/socle"),
        (false, [:], "/run/socle"), (false, ["XDG_RUNTIME_DIR": "/run/user/0", "USER": "root"], "/run/socle"),
        (false, ["XDG_RUNTIME_DIR": "x"], "/run/socle"),
    ])
    func folderOfTheState(isMachines: Bool, environment: [String: String], folder: String) {
        #expect("\(BundleContainers.ownRoot(isMachines: isMachines) { environment[$0] })" == folder)
    }

    private func failure(_ text: String) -> String? {
        do throws(RuntimeError) {
            _ = try Bundle.specification(Array(text.utf8))
            return nil
        } catch {
            return error.description
        }
    }

    private func document(_ more: String = "", process: String = "") -> String {
        """
        {"ociVersion":"1.0.2","root":{"path":"rootfs"},"process":{"user":{"uid":0,"gid":0},"cwd":"/","args":["a"]\(process)}\(more)}
        """
    }

    @Test func whatIsWrongIsSaid() {
        let cases: [(String, String)] = [
            ("{", "config.json: "), ("{\"ociVersion\":\"2.0.0\"}", "not supported"), ("{\"ociVersion\":\"1\"}", "is no version"),
            ("{\"ociVersion\":\"1.0.0\"}", "process property must not be empty"),
            (document().replacing("\"cwd\":\"/\"", with: "\"cwd\":\"x\""), "Cwd must be an absolute path"),
            (document().replacing("[\"a\"]", with: "[]"), "args must not be empty"),
            (document(",\"hooks\":{\"prestart\":[{\"path\":\"x\"}]}"), "is not absolute"),
            (document(",\"hooks\":{\"poststop\":[{\"path\":\"/x\",\"timeout\":0}]}"), "is not above zero"),
            (document(",\"windows\":{\"x\":1}"), "windows is not supported"),
            (document(",\"linux\":{\"intelRdt\":{\"closID\":\"x\"}}"), "linux.intelRdt is not supported"),
            (document(",\"linux\":{\"resources\":{\"network\":{\"classID\":3}}}"), "classID is not supported"),
            (document(process: ",\"execCPUAffinity\":{\"initial\":\"1\"}"), "process.execCPUAffinity is not supported"),
        ]
        for (text, expected) in cases {
            #expect(failure(text)?.contains(expected) == true, "\(text): \(failure(text) ?? "no error")")
        }
    }

    @Test func emptyThingsAreFine() {
        #expect(failure(document(",\"windows\":{},\"linux\":{\"intelRdt\":null,\"resources\":{\"network\":{}}}")) == nil)
    }

    @Test func unknownCapabilitiesAreLeftOut() throws {
        let text = document(process: ",\"capabilities\":{\"bounding\":[\"CAP_KILL\",\"CAP_FUTURE\"]}")
        let spec = try Bundle.specification(Array(text.utf8))
        #expect(spec.process?.capabilities?.bounding == ["CAP_KILL"])
    }
}
