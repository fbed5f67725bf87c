import BuildOperations
package import ContainerManagement
package import EventStorage
import ImageManagement
import OCISpec

extension Engine {
    /// `events`: what happened in the store, and what happens.
    package var journal: EventJournal { containers.journal }

    /// Writes down that something happened to an image.
    func tell(_ action: String, _ image: Digest, _ name: ImageReference? = nil) {
        containers.tell(.image, action, image.description, name.map { ["name": $0.familiar] } ?? [:])
    }

    /// Writes down that an image went to a registry, or came from one.
    func tell(_ action: String, _ reference: ImageReference) {
        containers.tell(.image, action, reference.familiar, ["name": reference.familiarName])
    }

    /// Writes down what went with an image.
    func tell(_ removals: [Removal], of image: Digest) {
        for removal in removals {
            switch removal {
            case .untagged(let name): containers.tell(.image, "untag", image.description, ["name": name])
            case .deleted(let digest) where digest == image:
                // It has no other name left.
                containers.tell(.image, "delete", image.description, ["name": image.description])
            case .deleted: continue
            }
        }
    }

    /// Writes down that a kind of objects was cleared up.
    func tell(_ kind: EventRecord.Kind, pruned bytes: Int64) {
        containers.tell(kind, "prune", "", ["reclaimed": "\(bytes)"])
    }

    /// `network create`: its ID.
    package func createNetwork(_ request: Networks.Request) throws -> String {
        let id = try containers.networks.create(request)
        containers.tell(.network, "create", id, ["name": request.name, "type": "bridge"])
        return id
    }
}
