"""This file is where we declare every verb of the command line: the registry behind
parsing, help, shell completion and `list-capabilities`.

It imports nothing of the house, so that `nootropic --version` and a shell's
completion start at once; for the same reason its values are tuples, not dataclasses.
A verb's function is named "module:function", loaded when the verb runs, called with the
arguments by name, and returns an `Answer`.
"""

from __future__ import annotations

from typing import NamedTuple


class Argument(NamedTuple):
    """One argument of a verb: a positional, or an option when its names start with "-".

    `takes` is what a value is: "text", "name", "file", "folder", "address" or
    "number"; "nothing" makes the option a switch. Shells complete files and folders.
    With `many`, an option may be repeated, and a positional be none or several.
    """

    names: tuple[str, ...]
    help: str
    takes: str = "text"
    optional: bool = False
    metavar: str = ""
    choices: tuple[str, ...] = ()
    many: bool = False

    @property
    def is_option(self) -> bool:
        """Whether it is written with dashes."""
        return self.names[0].startswith("-")


class Verb(NamedTuple):
    """One verb: what the user types, reads in the help, and which function answers."""

    name: str
    summary: str
    function: str
    arguments: tuple[Argument, ...] = ()
    examples: tuple[str, ...] = ()
    details: str = ""


WORKSPACE = (
    Argument(
        ("--workspace",),
        "the workspace (default: the nearest folder upwards with .git, .nootropic or "
        "pyproject.toml, else the current folder)",
        takes="folder",
    ),
    Argument(("--trust",), "trust this workspace for this one run", takes="nothing"),
)
OUTPUT = (
    Argument(("--json",), "answer as JSON", takes="nothing"),
    Argument(("--yaml",), "answer as YAML", takes="nothing"),
)
MODEL = Argument(
    ("--model",), "the model to ask, as `nootropic models` names it (default: the best one)"
)
NAME = Argument(("name",), "a name, or a dotted one such as Cart.total", takes="name")
PLACE = Argument(
    ("place",),
    "a cursor: lines and columns are counted from 1",
    takes="file",
    metavar="FILE:LINE:COL",
)

VERBS = (
    Verb(
        "lsp",
        "run the language server, for an editor",
        "nootropic_lsp.cli.lsp:lsp",
        (
            Argument(
                ("--stdio",), "speak over standard input and output: the default", takes="nothing"
            ),
            Argument(("--tcp",), "listen on HOST:PORT instead of standard input", takes="address"),
            Argument(("--ws",), "listen for WebSockets on HOST:PORT", takes="address"),
            Argument(
                ("--allow-remote",), "let --tcp and --ws listen beyond loopback", takes="nothing"
            ),
            Argument(("--token-file",), "write the token of a socket to this file", takes="file"),
            Argument(("--log",), "write the log to this file", takes="file"),
            Argument(
                ("--log-level",),
                "how much to log (default: info)",
                choices=("debug", "info", "warning", "error"),
            ),
            Argument(("--trust",), "trust the workspaces of this run", takes="nothing"),
        ),
        ("nootropic lsp", "nootropic lsp --tcp 127.0.0.1:7777 --log nootropic.log"),
        "Editors start it themselves. Sockets are open to this machine only and ask for a token.",
    ),
    Verb(
        "mcp",
        "answer agents over the Model Context Protocol",
        "nootropic_lsp.cli.mcp:mcp",
        (
            Argument(
                ("path",), "the folder (default: the workspace)", takes="folder", optional=True
            ),
            Argument(
                ("--allow-edits",),
                "let renames and rewrites be written, after a preview",
                takes="nothing",
            ),
            Argument(("--log",), "write the log to this file", takes="file"),
            Argument(
                ("--log-level",),
                "how much to log (default: warning)",
                choices=("debug", "info", "warning", "error"),
            ),
            Argument(("--trust",), "trust this workspace for this one run", takes="nothing"),
        ),
        ("nootropic mcp", "nootropic mcp ~/src/django --allow-edits"),
        "Agents start it themselves; it speaks over standard input and output.",
    ),
    Verb(
        "tour",
        "show what the server can do in a folder",
        "nootropic_lsp.cli.tour:tour",
        (
            Argument(("path",), "the folder (default: the current one)", "folder", optional=True),
            Argument(("--sample",), "tour a small shop that comes with nootropic", takes="nothing"),
        ),
        ("nootropic tour", "nootropic tour ~/src/django", "nootropic tour --sample --json"),
        "It plays the editor: starts the real server and asks it what an editor would.",
    ),
    Verb(
        "index",
        "bring the index of a workspace up to date",
        "nootropic_lsp.cli.index:index",
        (
            Argument(
                ("path",), "the folder (default: the workspace)", takes="folder", optional=True
            ),
            Argument(("--rebuild",), "forget the index and build it anew", takes="nothing"),
            *WORKSPACE,
        ),
        ("nootropic index", "nootropic index ~/src/django --json"),
    ),
    Verb(
        "where",
        "where is a name defined?",
        "nootropic_lsp.cli.where:where",
        (NAME, *WORKSPACE),
        ("nootropic where Cart", "nootropic where Cart.total --json"),
    ),
    Verb(
        "refs",
        "where is a name used?",
        "nootropic_lsp.cli.refs:refs",
        (NAME, *WORKSPACE),
        ("nootropic refs Cart.total",),
    ),
    Verb(
        "callers",
        "who calls a function or class?",
        "nootropic_lsp.cli.callers:callers",
        (NAME, *WORKSPACE),
        ("nootropic callers Cart.total",),
    ),
    Verb(
        "impact",
        "what may break if a name or a file changes?",
        "nootropic_lsp.cli.impact:impact",
        (
            Argument(("target",), "a name or a file", takes="file", metavar="NAME|FILE"),
            *WORKSPACE,
        ),
        ("nootropic impact Cart.total", "nootropic impact shop/cart.py --json"),
    ),
    Verb(
        "search",
        "which code belongs to a question?",
        "nootropic_lsp.cli.search:answer",
        (
            Argument(("question",), "a question or a few words"),
            Argument(("--limit",), "how many passages to show (default: 5)", takes="number"),
            *WORKSPACE,
        ),
        (
            'nootropic search "where are sessions invalidated"',
            'nootropic search "parse a date" --json',
        ),
        "Functions, classes and what is left of files, best first, each with the reason it was"
        " found. It needs no model.",
    ),
    Verb(
        "outline",
        "what does a file define?",
        "nootropic_lsp.cli.outline:outline",
        (Argument(("file",), "the file", takes="file"), *WORKSPACE),
        ("nootropic outline shop/cart.py",),
    ),
    Verb(
        "complete",
        "what could be written at a place?",
        "nootropic_lsp.cli.complete:complete",
        (PLACE, *WORKSPACE),
        ("nootropic complete shop/cart.py:12:9", "nootropic complete shop/cart.py:12:9 --json"),
        "The first entries of the menu an editor would show there, and the ghost text.",
    ),
    Verb(
        "why",
        "why is there ghost text at a place, or none?",
        "nootropic_lsp.cli.why:why",
        (PLACE, *WORKSPACE),
        ("nootropic why shop/cart.py:12:9",),
    ),
    Verb(
        "stats",
        "show what became of ghost text on this machine",
        "nootropic_lsp.cli.stats:stats",
        examples=("nootropic stats", "nootropic stats --json"),
        details="Counts by language. They hold no text, and never leave this machine.",
    ),
    Verb(
        "traces",
        "show what calls of models took here",
        "nootropic_lsp.cli.traces:traces",
        (
            Argument(("--limit",), "how many calls to show (default: 20)", takes="number"),
            *WORKSPACE,
        ),
        ("nootropic traces", "nootropic traces --limit 100 --json"),
        "The newest first. They hold no text, and leave this machine only if telemetry.otlpUrl"
        " is set.",
    ),
    Verb(
        "ask",
        "have a language model answer from the workspace",
        "nootropic_lsp.cli.ask:ask",
        (
            Argument(("question",), "what you want to know", metavar="QUESTION"),
            MODEL,
            *WORKSPACE,
        ),
        ('nootropic ask "where are sessions invalidated?"',),
        "It cites the places that it rests on, and says so when the workspace does not hold the"
        " answer. Everything that is sent passes the gate: what ignore files keep back and secrets"
        " stay here.",
    ),
    Verb(
        "code",
        "have a language model propose a change, as a diff",
        "nootropic_lsp.cli.code:code",
        (
            Argument(("--file",), "what may be changed (may be repeated)", takes="file", many=True),
            Argument(("--instruct",), "what to do", takes="text"),
            MODEL,
            *WORKSPACE,
        ),
        ('nootropic code --file shop/cart.py --instruct "round the total"',),
        "Nothing is written. What does not parse, or brings a new finding, is not shown; the model"
        " is told once, and may do better.",
    ),
    Verb(
        "models",
        "list, get, choose and measure language models",
        "nootropic_lsp.cli.models:models",
        (
            Argument(
                ("do",),
                "what to do (default: list)",
                optional=True,
                choices=("list", "pull", "use", "bench"),
            ),
            Argument(("name",), "a model, as in ollama:qwen2.5-coder:3b", optional=True),
            *WORKSPACE,
        ),
        (
            "nootropic models",
            "nootropic models pull qwen2.5-coder:3b",
            "nootropic models use ollama:qwen2.5-coder:3b",
            "nootropic models bench",
        ),
        "Servers are looked for where they usually are, and where the setting models.servers says;"
        " GGUF files in models.gguf are run without a server. Clouds are asked only when they were"
        " turned on by name.",
    ),
    Verb(
        "worker",
        "run what keeps vectors and speaks with models",
        "nootropic_lsp.cli.worker:worker",
        (
            Argument(("--status",), "show the one that runs for this workspace", takes="nothing"),
            Argument(("--stop",), "end it", takes="nothing"),
            Argument(
                ("--port",), "listen there, instead of wherever there is room", takes="number"
            ),
            Argument(
                ("--idle",),
                "end after so many minutes in which nobody wanted anything (default: the setting "
                "worker.idleMinutes)",
                takes="number",
            ),
            *WORKSPACE,
        ),
        ("nootropic worker --status", "nootropic worker --port 8765 --idle 600"),
        "Editors and other verbs start it when they need it; there is one for a workspace, on"
        " 127.0.0.1, and it ends when nobody needs it any more. Its address answers OpenAI's API"
        " (/v1/chat/completions, /v1/completions, /v1/embeddings, /v1/models) and more, as"
        " /openapi.json says.",
    ),
    Verb(
        "evaluate",
        "measure menus and ghost text on your own code",
        "nootropic_lsp.cli.evaluate:evaluate",
        (
            Argument(("path",), "the folder", takes="folder"),
            Argument(("--places",), "how many places to ask at (default: 500)", takes="number"),
            Argument(("--seed",), "which places are chosen (default: 0)", takes="number"),
            Argument(("--trust",), "trust this workspace for this one run", takes="nothing"),
        ),
        ("nootropic evaluate .", "nootropic evaluate ~/src/django --places 2000 --json"),
        "It hides what is written there, asks for it as an editor would, and counts. The file that"
        " is asked about counts as it is without the hidden part.",
    ),
    Verb(
        "rewrite",
        "change code all over a workspace by a recipe",
        "nootropic_lsp.cli.rewrite:rewrite",
        (
            Argument(("recipe",), "a recipe, or the path of its YAML file", "name", optional=True),
            Argument(("paths",), "files and folders (default: all)", "file", many=True),
            Argument(("--diff",), "show what would change: the default", takes="nothing"),
            Argument(("--apply",), "write it, with a checkpoint to undo it", takes="nothing"),
            Argument(("--list",), "list the recipes", takes="nothing"),
            *WORKSPACE,
        ),
        ("nootropic rewrite --list", "nootropic rewrite unittest-to-pytest tests --apply"),
        "Recipes of your own are YAML files in .nootropic/recipes.",
    ),
    Verb(
        "undo",
        "take back what a rewrite has written",
        "nootropic_lsp.cli.undo:undo",
        (
            Argument(("--list",), "list the checkpoints", takes="nothing"),
            Argument(("--to",), "take back all down to this checkpoint", metavar="ID"),
            WORKSPACE[0],
        ),
        ("nootropic undo", "nootropic undo --list"),
        "A file that was changed since is kept and named.",
    ),
    Verb(
        "lint",
        "find what is wrong in files, as the editor shows it",
        "nootropic_lsp.cli.lint:lint",
        (
            Argument(
                ("paths",),
                "files and folders (default: the workspace); `-` is standard input",
                "file",
                many=True,
            ),
            Argument(("--select",), "only these rules and packs, with commas", "name", many=True),
            Argument(("--ignore",), "without these rules and packs", "name", many=True),
            Argument(("--all",), "also the rules that are often wrong", "nothing"),
            Argument(
                ("--output-format",),
                "how it is said (default: full)",
                choices=(
                    *("full", "concise", "json", "jsonl", "sarif"),
                    *("github", "gitlab", "junit", "rdjson"),
                ),
            ),
            Argument(("--output-file", "-o"), "write the report to this file", "file"),
            Argument(("--fix",), "write the safe fixes to the files", "nothing"),
            Argument(("--unsafe-fixes",), "also those that have to be looked at", "nothing"),
            Argument(("--diff",), "show what the fixes would change, and write nothing", "nothing"),
            Argument(
                ("--fail-on",),
                "the least severity that makes the exit code 1 (default: hint)",
                choices=("error", "warning", "information", "hint"),
            ),
            Argument(("--exit-zero",), "exit with 0 although something was found", "nothing"),
            Argument(("--baseline",), "leave out the findings that this file knows", "file"),
            Argument(("--write-baseline",), "make all findings of now known ones", "nothing"),
            Argument(
                ("--diff-base",),
                "only findings on lines that were added since the branch left this revision",
                metavar="REV",
            ),
            Argument(
                ("--stdin-filename",), "read standard input; this is where it belongs", "file"
            ),
            Argument(("--force-exclude",), "leave out ignored files although named", "nothing"),
            Argument(("--statistics",), "only how often each rule has found something", "nothing"),
            Argument(("--show-settings",), "only the settings that count here", "nothing"),
            Argument(("--show-files",), "only the files that would be looked at", "nothing"),
            Argument(("--no-cache",), "look at all files anew", "nothing"),
            Argument(
                ("--allow-incomplete",),
                "exit with 0 or 1 although not everything could be looked at",
                "nothing",
            ),
            Argument(("--deadline",), "seconds until it gives up (default: 300)", "number"),
            Argument(("--jobs",), "how many processes look (default: up to 4)", "number"),
            *WORKSPACE,
        ),
        (
            "nootropic lint",
            "nootropic lint src --select security --fail-on error",
            "nootropic lint --fix --diff",
            "nootropic lint --diff-base origin/main --output-format github",
            "nootropic lint --output-format sarif -o nootropic.sarif --exit-zero",
            "nootropic lint - --stdin-filename shop/cart.py",
        ),
        "Exit codes: 0 nothing found, 1 something found, 2 bad input, a bug, or not everything"
        "\ncould be looked at. `# nootropic: ignore[CODE]` on a line, or alone above it, silences it.",
    ),
    Verb(
        "rule",
        "what does a rule find, why, and how is it put right?",
        "nootropic_lsp.cli.rule:rule",
        (Argument(("code",), "the code of a finding (default: list all)", "name", optional=True),),
        ("nootropic rule", "nootropic rule weak-hash", "nootropic rule weak-hash --json"),
    ),
    Verb(
        "doctor",
        "what works here, what is missing, and how to get it",
        "nootropic_lsp.cli.doctor:doctor",
        WORKSPACE,
        ("nootropic doctor", "nootropic doctor --json"),
    ),
    Verb(
        "trust",
        "let a workspace use settings that can run code",
        "nootropic_lsp.cli.trust:trust",
        (
            Argument(("path",), "the folder", takes="folder"),
            Argument(("--revoke",), "trust it no longer", takes="nothing"),
        ),
        ("nootropic trust .", "nootropic trust ~/src/django --revoke"),
    ),
    Verb(
        "forget",
        "show what nootropic keeps on disk, and remove it",
        "nootropic_lsp.cli.forget:forget",
        (
            Argument(("--all",), "also what all workspaces share", takes="nothing"),
            Argument(("--yes",), "remove it; without, it is only shown", takes="nothing"),
            WORKSPACE[0],
        ),
        ("nootropic forget", "nootropic forget --all --yes"),
        "Settings and plugins that you wrote yourself stay.",
    ),
    Verb(
        "list-capabilities",
        "list verbs, editor features and languages",
        "nootropic_lsp.cli.capabilities:list_capabilities",
        WORKSPACE,
        ("nootropic list-capabilities --json",),
        "Also written to .nootropic-cache/describe-registry.json of the workspace.",
    ),
    Verb(
        "completion",
        "print the completion script of a shell",
        "nootropic_lsp.cli.completion:completion",
        (Argument(("shell",), "the shell", choices=("bash", "zsh", "fish")),),
        (
            'eval "$(nootropic completion bash)"',
            "nootropic completion fish > ~/.config/fish/completions/nootropic.fish",
        ),
    ),
)
