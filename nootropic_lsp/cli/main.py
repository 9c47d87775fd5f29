"""This file is where a command line becomes the call of a verb, and its answer output."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from nootropic_lsp import __version__
from nootropic_lsp.cli.verbs import OUTPUT, VERBS, Argument, Verb
from nootropic_lsp.core.errors import NootropicError

# 0 and 1 are the verb's own: found, and nothing found.
BAD_INPUT = 2
OUR_BUG = 70
INTERRUPTED = 130
PIPE_CLOSED = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code is 0 if it found something, 1 if not, 2 for bad input."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(given)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except NootropicError as error:
        print(f"nootropic: {error}", file=sys.stderr)
        return BAD_INPUT
    except Exception:  # noqa: BLE001 -- the one place where this door catches our own bugs
        importlib.import_module("traceback").print_exc()
        print(
            "nootropic: that is a bug in nootropic; please report the lines above", file=sys.stderr
        )
        # A check that fails for whatever reason but its findings has one code.
        return BAD_INPUT if given[:1] == ["lint"] else OUR_BUG


def _run(given: list[str]) -> int:
    if given and not given[0].startswith("-"):
        _refuse_unknown(given[0])
    options = vars(parser().parse_args(given))
    function, as_json, as_yaml = (options.pop(key) for key in ("function", "json", "yaml"))
    answer = _load(function)(**options)
    # Loaded only now: `--version`, `--help` and errors print without it.
    code: int = _load("nootropic_lsp.cli.output:write")(answer, as_json=as_json, as_yaml=as_yaml)
    return code


def parser(verbs: Sequence[Verb] = VERBS) -> argparse.ArgumentParser:
    """The parser that the declarations describe."""
    whole = _Parser(
        prog="nootropic",
        description="A language server that knows the code, and questions to it from a shell.",
        epilog="exit codes: 0 found, 1 nothing found, 2 bad input\n\n"
        "`nootropic VERB --help` has the options and examples of a verb.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action="version", version=f"nootropic {__version__}")
    by_name = whole.add_subparsers(metavar="VERB", required=True, parser_class=_Parser)
    for verb in verbs:
        _add_verb(by_name, verb)
    return whole


def _add_verb(by_name: Any, verb: Verb) -> None:
    examples = "".join(f"\n  {example}" for example in verb.examples)
    one: argparse.ArgumentParser = by_name.add_parser(
        verb.name,
        help=verb.summary,
        description="\n".join(filter(None, (_sentence(verb.summary), verb.details))),
        epilog=f"examples:{examples}" if examples else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    one.set_defaults(function=verb.function)
    for argument in verb.arguments:
        _add_argument(one, argument)
    either = one.add_mutually_exclusive_group()
    for argument in OUTPUT:
        _add_argument(either, argument)


def _add_argument(one: argparse._ActionsContainer, argument: Argument) -> None:
    if argument.takes == "nothing":
        one.add_argument(*argument.names, help=argument.help, action="store_true")
        return
    more: dict[str, Any] = {"choices": argument.choices} if argument.choices else {}
    if not argument.choices:
        more["metavar"] = argument.metavar or _metavar(argument)
    if argument.many and argument.is_option:
        more |= {"action": "append", "default": []}
    elif argument.optional or argument.many:
        more["nargs"] = "*" if argument.many else "?"
    one.add_argument(*argument.names, help=argument.help, **more)


def _metavar(argument: Argument) -> str:
    if argument.takes == "address":
        return "HOST:PORT"
    return argument.takes.upper() if argument.is_option else argument.names[0].upper()


def _sentence(summary: str) -> str:
    text = summary[0].upper() + summary[1:]
    return text if text.endswith("?") else f"{text}."


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage above it."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"nootropic: {message}; see `{self.prog} --help`\n")


def _refuse_unknown(name: str) -> None:
    names = [verb.name for verb in VERBS]
    if name in names:
        return
    near = importlib.import_module("difflib").get_close_matches(name, names, n=1)
    hint = f"did you mean `{near[0]}`?" if near else "`nootropic --help` lists the verbs"
    raise NootropicError(f"there is no verb `{name}`; {hint}")


def _load(function: str) -> Any:
    module, _, name = function.partition(":")
    return getattr(importlib.import_module(module), name)
