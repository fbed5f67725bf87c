/// Which commands there are, by name.
///
/// Types only: a command's flags are made when it is chosen.
enum CommandTree {
    struct Entry {
        /// The name, and what else it answers to.
        var names: [String]
        var type: any Command.Type

        init(_ names: String..., type: any Command.Type) {
            self.names = names
            self.type = type
        }
    }

    struct Group {
        var name: String
        var summary: String
        var commands: [Entry] = []
        /// Groups within the group.
        var groups: [Group] = []

        /// The names that may follow the group's.
        var names: [String] { commands.flatMap(\.names) + groups.map(\.name) }
        /// The same with what they are, for the help.
        var summaries: [(String, String)] {
            groups.map { ($0.name, $0.summary) } + commands.map { ($0.names[0], $0.type.usage.summary) }
        }
    }

    static var commands: [Entry] {
        [
            Entry("attach", type: AttachCommand.self), Entry("build", type: BuildCommand.self),
            Entry("commit", type: CommitCommand.self), Entry("copy", type: CopyCommand.self),
            Entry("cp", type: CopyFilesCommand.self), Entry("create", type: CreateCommand.self),
            Entry("diff", type: DiffContainerCommand.self), Entry("events", type: EventsCommand.self),
            Entry("exec", type: ExecCommand.self),
            Entry("export", type: ExportContainerCommand.self), Entry("history", type: HistoryCommand.self),
            Entry("images", type: ImagesCommand.self), Entry("import", type: ImportCommand.self),
            Entry("info", type: InfoCommand.self), Entry("inspect", type: InspectCommand.self),
            Entry("kill", type: KillCommand.self),
            Entry("load", type: LoadCommand.self), Entry("login", type: LoginCommand.self),
            Entry("logout", type: LogoutCommand.self), Entry("logs", type: LogsCommand.self),
            Entry("pause", type: PauseCommand.self), Entry("port", type: PortCommand.self), Entry("ps", type: ContainersCommand.self),
            Entry("pull", type: PullCommand.self), Entry("push", type: PushCommand.self),
            Entry("rename", type: RenameCommand.self), Entry("restart", type: RestartCommand.self),
            Entry("rm", type: RemoveContainersCommand.self),
            Entry("rmi", type: RemoveImagesCommand.self), Entry("run", type: RunCommand.self),
            Entry("save", type: SaveCommand.self), Entry("search", type: SearchCommand.self),
            Entry("start", type: StartCommand.self), Entry("stats", type: StatsCommand.self),
            Entry("stop", type: StopCommand.self), Entry("tag", type: TagCommand.self), Entry("top", type: TopCommand.self),
            Entry("unpause", type: UnpauseCommand.self), Entry("update", type: UpdateCommand.self),
            Entry("version", type: VersionCommand.self), Entry("wait", type: WaitCommand.self),
        ]
    }

    static var groups: [Group] {
        [
            Group(
                name: "builder",
                summary: "Manage builds",
                commands: [
                    Entry("build", type: BuildCommand.self), Entry("du", type: CacheUsageCommand.self),
                    Entry("prune", type: PruneCacheCommand.self),
                ],
                groups: [buildHistory]
            ),
            Group(
                name: "buildx",
                summary: "Manage builds, by the name of Docker's plugin",
                commands: [
                    Entry("build", "b", type: BuildCommand.self), Entry("du", type: CacheUsageCommand.self),
                    Entry("prune", type: PruneCacheCommand.self), Entry("version", type: BuilderVersionCommand.self),
                ]
            ),
            Group(
                name: "container",
                summary: "Manage containers",
                commands: [
                    Entry("attach", type: AttachCommand.self), Entry("commit", type: CommitCommand.self),
                    Entry("cp", type: CopyFilesCommand.self), Entry("create", type: CreateCommand.self),
                    Entry("diff", type: DiffContainerCommand.self), Entry("exec", type: ExecCommand.self),
                    Entry("export", type: ExportContainerCommand.self),
                    Entry("inspect", type: InspectContainersCommand.self), Entry("kill", type: KillCommand.self),
                    Entry("logs", type: LogsCommand.self),
                    Entry("ls", "list", "ps", type: ContainersCommand.self),
                    Entry("pause", type: PauseCommand.self), Entry("port", type: PortCommand.self),
                    Entry("prune", type: PruneContainersCommand.self),
                    Entry("rename", type: RenameCommand.self), Entry("restart", type: RestartCommand.self),
                    Entry("rm", "remove", type: RemoveContainersCommand.self), Entry("run", type: RunCommand.self),
                    Entry("start", type: StartCommand.self), Entry("stats", type: StatsCommand.self),
                    Entry("stop", type: StopCommand.self),
                    Entry("top", type: TopCommand.self), Entry("unpause", type: UnpauseCommand.self),
                    Entry("update", type: UpdateCommand.self), Entry("wait", type: WaitCommand.self),
                ]
            ),
            Group(name: "debug", summary: "Look inside", commands: [Entry("plan", type: PlanCommand.self), Entry("settle", type: SettleCommand.self)]),
            Group(
                name: "image",
                summary: "Manage images",
                commands: [
                    Entry("build", type: BuildCommand.self), Entry("check", type: CheckImagesCommand.self),
                    Entry("copy", type: CopyCommand.self),
                    Entry("diff", type: DiffImagesCommand.self), Entry("export", type: ExportImageCommand.self),
                    Entry("history", type: HistoryCommand.self),
                    Entry("import", type: ImportCommand.self), Entry("inspect", type: InspectImagesCommand.self),
                    Entry("load", type: LoadCommand.self), Entry("ls", "list", type: ImagesCommand.self),
                    Entry("prune", type: PruneImagesCommand.self),
                    Entry("pull", type: PullCommand.self), Entry("push", type: PushCommand.self),
                    Entry("rm", "remove", type: RemoveImagesCommand.self),
                    Entry("save", type: SaveCommand.self), Entry("sign", type: SignImageCommand.self),
                    Entry("squash", type: SquashImageCommand.self), Entry("tag", type: TagCommand.self),
                    Entry("validate", type: ValidateImagesCommand.self), Entry("verify", type: VerifyImageCommand.self),
                ],
                groups: [trust]
            ),
            manifests("index", "Manage image indexes: another name for manifest"),
            manifests("manifest", "Manage Docker image manifests and manifest lists"),
            Group(
                name: "network",
                summary: "Manage networks",
                commands: [
                    Entry("connect", type: ConnectNetworkCommand.self),
                    Entry("create", type: CreateNetworkCommand.self),
                    Entry("disconnect", type: DisconnectNetworkCommand.self),
                    Entry("inspect", type: InspectNetworksCommand.self),
                    Entry("ls", "list", type: ListNetworksCommand.self),
                    Entry("prune", type: PruneNetworksCommand.self),
                    Entry("rm", "remove", type: RemoveNetworksCommand.self),
                ]
            ),
            Group(
                name: "registry",
                summary: "Serve images to other machines",
                commands: [Entry("serve", type: ServeRegistryCommand.self)]
            ),
            Group(
                name: "system",
                summary: "Manage the store",
                commands: [
                    Entry("check", type: CheckCommand.self), Entry("df", type: DiskUsageCommand.self),
                    Entry("events", type: EventsCommand.self), Entry("info", type: InfoCommand.self),
                    Entry("prune", type: PruneSystemCommand.self),
                ]
            ),
            Group(
                name: "volume",
                summary: "Manage volumes",
                commands: [
                    Entry("create", type: CreateVolumeCommand.self), Entry("inspect", type: InspectVolumesCommand.self),
                    Entry("ls", "list", type: VolumesCommand.self), Entry("prune", type: PruneVolumesCommand.self),
                    Entry("rm", "remove", type: RemoveVolumesCommand.self),
                ]
            ),
        ]
    }

    private static func manifests(_ name: String, _ summary: String) -> Group {
        Group(
            name: name,
            summary: summary,
            commands: [
                Entry("annotate", type: AnnotateManifestCommand.self), Entry("create", type: CreateManifestCommand.self),
                Entry("inspect", type: InspectManifestCommand.self), Entry("push", type: PushManifestCommand.self),
                Entry("rm", type: RemoveManifestsCommand.self),
            ]
        )
    }

    private static var trust: Group {
        Group(
            name: "trust",
            summary: "Manage which images are let in",
            commands: [
                Entry("rm", "remove", type: RemoveTrustRuleCommand.self),
                Entry("set", type: SetTrustRuleCommand.self), Entry("show", "ls", type: ShowTrustCommand.self),
                Entry("verify", type: VerifyImageCommand.self),
            ],
            groups: [
                Group(
                    name: "key",
                    summary: "Manage keys that sign images",
                    commands: [Entry("generate", type: GenerateKeyCommand.self)]
                )
            ]
        )
    }

    private static var buildHistory: Group {
        Group(
            name: "history",
            summary: "Look at the last builds",
            commands: [
                Entry("logs", type: BuildLogsCommand.self), Entry("ls", "list", type: ListBuildsCommand.self),
                Entry("rm", "remove", type: RemoveBuildsCommand.self),
            ]
        )
    }

    static func command(_ name: String) -> (any Command.Type)? { commands.first { $0.names.contains(name) }?.type }

    static var names: [String] { commands.flatMap(\.names) + groups.map(\.name) }

    /// Docker's commands that this version doesn't have.
    static let absent: Set<String> = [
        "compose", "config", "context", "node", "plugin", "secret", "service", "stack",
        "swarm", "trust",
    ]
}
