extension InstructionParser {
    func copy() throws(SyntaxError) -> CopyInstruction {
        let words = try copyWords()
        let flags = try FlagSet(
            statement,
            [
                "from": .string, "chown": .string, "chmod": .string, "link": .boolean, "parents": .boolean,
                "exclude": .list,
            ]
        )
        var instruction = try sources(words)
        instruction.options = options(flags)
        instruction.options.from = flags["from"]
        instruction.options.parents = flags.boolean("parents") ?? false
        if let from = instruction.options.from, from.text.contains("$") {
            throw failure(
                "variable expansion is not supported for --from, define a new stage with FROM using ARG from global "
                    + "scope as a workaround",
                at: from.range
            )
        }
        return instruction
    }

    func add() throws(SyntaxError) -> CopyInstruction {
        let words = try copyWords()
        let flags = try FlagSet(
            statement,
            [
                "chown": .string, "chmod": .string, "link": .boolean, "keep-git-dir": .boolean, "checksum": .string,
                "unpack": .boolean, "exclude": .list,
            ]
        )
        var instruction = try sources(words)
        instruction.options = options(flags)
        instruction.options.checksum = flags["checksum"]
        instruction.options.keepsGitDirectory = flags.boolean("keep-git-dir")
        instruction.options.unpack = flags.boolean("unpack")
        return instruction
    }

    private func copyWords() throws(SyntaxError) -> [Word] {
        let words = try wordList()
        guard words.count >= 2 else {
            throw failure(
                "\(statement.name) requires at least two arguments, but only one was provided. "
                    + "Destination could not be determined"
            )
        }
        return words
    }

    private func options(_ flags: FlagSet) -> CopyOptions {
        CopyOptions(
            chown: flags["chown"],
            chmod: flags["chmod"],
            link: flags.boolean("link") ?? false,
            exclude: flags.list("exclude")
        )
    }

    private func sources(_ words: [Word]) throws(SyntaxError) -> CopyInstruction {
        var instruction = CopyInstruction(sources: [], destination: words[words.count - 1])
        if Heredoc(opening: instruction.destination.text) != nil {
            throw failure(
                "\(statement.name) cannot accept a heredoc as a destination",
                at: instruction.destination.range
            )
        }
        for word in words.dropLast() {
            if let opened = Heredoc(opening: word.text),
                let heredoc = statement.heredocs.last(where: { $0.name == opened.name })
            {
                instruction.heredocs.append(heredoc)
            } else {
                instruction.sources.append(word)
            }
        }
        return instruction
    }
}
