import OCISpec
import Reporting
import Testing

@testable import ImageManagement

/// Docker 20.10's rules, each answer taken from the real one.
struct ImageRemovalTests {
    let id = Digest.of([1])
    let stopped = ImageUser(container: "3c8ae1ca8c74d71a1d85be435961508c", image: Digest.of([1]), isRunning: false)
    let running = ImageUser(container: "419874a9b993e407fe0ba27f89fad3fa", image: Digest.of([1]), isRunning: true)

    func names(_ texts: String...) throws -> [ImageReference] { try texts.map { try ImageReference($0) } }

    func situation(_ names: [ImageReference], _ users: ImageUser..., children: Bool = false) -> ImageRemoval.Situation {
        ImageRemoval.Situation(image: id, names: names, users: users, hasChildren: children)
    }

    func message(_ body: () throws -> ImageRemoval) -> String? {
        do {
            _ = try body()
            return nil
        } catch { return (error as? any Failure).map { "\($0.kind.rawValue): \($0.description)" } }
    }

    @Test func lastTagTakesTheImageWithIt() throws {
        let only = try names("b:latest")
        let removal = try ImageRemoval(situation(only), named: try ImageReference("b"), force: false)
        #expect(removal.untagged == only)
        #expect(removal.deletesImage)
    }

    @Test func oneOfSeveralTagsOnlyGoesItself() throws {
        let both = try names("b:2", "b:latest")
        let removal = try ImageRemoval(situation(both, stopped), named: both[0], force: false)
        #expect(removal.untagged == [both[0]])
        #expect(!removal.deletesImage)
    }

    @Test func lastTagOfAUsedImageStays() throws {
        let only = try names("images-b:latest")
        let text = message { try ImageRemoval(situation(only, stopped), named: only[0], force: false) }
        #expect(
            text == "conflict: conflict: unable to remove repository reference \"images-b:latest\" (must force) - "
                + "container 3c8ae1ca8c74 is using its referenced image \(id.short)"
        )
    }

    @Test func forceUntagsWhatARunningContainerUsesAndKeepsTheImage() throws {
        let only = try names("b:latest")
        let removal = try ImageRemoval(situation(only, running), named: only[0], force: true)
        #expect(removal.untagged == only)
        #expect(!removal.deletesImage)
    }

    @Test func anIDTakesTheOnlyTag() throws {
        let only = try names("b:latest")
        let removal = try ImageRemoval(situation(only), named: nil, force: false)
        #expect(removal.untagged == only)
        #expect(removal.deletesImage)
    }

    @Test func anIDWithSeveralTagsNeedsForce() throws {
        let both = try names("b:2", "b:latest")
        let text = message { try ImageRemoval(situation(both), named: nil, force: false) }
        #expect(
            text == "conflict: conflict: unable to delete \(id.short) (must be forced) - "
                + "image is referenced in multiple repositories"
        )
        #expect(try ImageRemoval(situation(both), named: nil, force: true).untagged == both)
    }

    @Test func anIDThatIsUsedNeedsForceOrCannotGo() throws {
        let only = try names("b:latest")
        #expect(
            message { try ImageRemoval(situation(only, stopped), named: nil, force: false) }
                == "conflict: conflict: unable to delete \(id.short) (must be forced) - "
                + "image is being used by stopped container 3c8ae1ca8c74"
        )
        #expect(try ImageRemoval(situation(only, stopped), named: nil, force: true).deletesImage)
        #expect(
            message { try ImageRemoval(situation(only, stopped, running), named: nil, force: true) }
                == "conflict: conflict: unable to delete \(id.short) (cannot be forced) - "
                + "image is being used by running container 419874a9b993"
        )
    }

    @Test func childrenKeepAnImage() throws {
        #expect(
            message { try ImageRemoval(situation([], children: true), named: nil, force: true) }
                == "conflict: conflict: unable to delete \(id.short) (cannot be forced) - "
                + "image has dependent child images"
        )
        let only = try names("b:latest")
        let removal = try ImageRemoval(situation(only, children: true), named: only[0], force: false)
        #expect(removal == ImageRemoval.untagging(only))
    }
}

extension ImageRemoval {
    static func untagging(_ names: [ImageReference]) -> ImageRemoval {
        ImageRemoval(untagged: names, deletesImage: false)
    }
}

extension ImageRemovalTests {
    private static let digest = String(repeating: "a", count: 64)

    @Test func theLastTagOfARepositoryTakesItsDigestsWithIt() throws {
        let all = try names("b:1", "b@sha256:\(Self.digest)")
        let removal = try ImageRemoval(situation(all), named: all[0], force: false)
        #expect(removal.untagged == all)
        #expect(removal.deletesImage)
        let elsewhere = try names("b:1", "b@sha256:\(Self.digest)", "c:1")
        let untagging = try ImageRemoval(situation(elsewhere), named: elsewhere[0], force: false)
        #expect(untagging.untagged == Array(elsewhere[..<2]))
        #expect(!untagging.deletesImage)
    }

    @Test func aDigestGoesAloneWhileATagIsLeft() throws {
        let all = try names("b:1", "b@sha256:\(Self.digest)")
        let removal = try ImageRemoval(situation(all), named: all[1], force: false)
        #expect(removal.untagged == [all[1]])
        #expect(!removal.deletesImage)
        let only = [all[1]]
        #expect(try ImageRemoval(situation(only), named: only[0], force: false).deletesImage)
    }

    @Test func anIDTakesATagAndItsDigestsButNotThoseOfTwoRepositories() throws {
        let all = try names("b:1", "b@sha256:\(Self.digest)")
        let removal = try ImageRemoval(situation(all), named: nil, force: false)
        #expect(removal.untagged == all)
        #expect(removal.deletesImage)
        let two = try names("b:1", "c@sha256:\(Self.digest)")
        let text = message { try ImageRemoval(situation(two), named: nil, force: false) }
        #expect(text?.hasSuffix("image is referenced in multiple repositories") == true)
    }
}
