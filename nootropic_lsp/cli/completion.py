"""`nootropic completion`: the completion script of a shell, made from the declarations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from shlex import quote

from nootropic_lsp.cli.answer import Answer
from nootropic_lsp.cli.verbs import OUTPUT, VERBS, Argument, Verb


def completion(shell: str) -> Answer:
    """The script that teaches a shell our verbs and their options."""
    script = {"bash": bash, "zsh": zsh, "fish": fish}[shell](VERBS)
    return Answer(script.rstrip(), {"shell": shell, "script": script})


def bash(verbs: Sequence[Verb]) -> str:
    """For bash 3.2 and later, which macOS still has."""
    cases = "".join(
        f"    {verb.name})\n"
        f"      words={quote(' '.join(_words(verb)))}\n"
        f"      paths={_paths(positional(verb))}\n"
        "      case $before in\n"
        f"{''.join(_bash_value(option) for option in options(verb) if option.takes != 'nothing')}"
        "      esac ;;\n"
        for verb in verbs
    )
    return f"""\
_nootropic() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words= paths= IFS=$' \\t\\n'
  if [ "$COMP_CWORD" -eq 1 ]; then
    words={quote(" ".join([*(verb.name for verb in verbs), "--help", "--version"]))}
  fi
  [ "$COMP_CWORD" -gt 1 ] && case ${{COMP_WORDS[1]}} in
{cases}  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  IFS=$'\\n'
  case $paths:$word in
    *:-*) ;;
    file:*) COMPREPLY+=($(compgen -f -- "$word")) ;;
    folder:*) COMPREPLY+=($(compgen -d -- "$word")) ;;
  esac
}}
complete -o filenames -F _nootropic nootropic
"""


def zsh(verbs: Sequence[Verb]) -> str:
    """For zsh, after `compinit`."""
    names = "\n".join(f"    {quote(f'{verb.name}:{verb.summary}')}" for verb in verbs)
    cases = "".join(
        f"    {verb.name}) _arguments \\\n"
        + " \\\n".join(f"      {quote(each)}" for each in _zsh_arguments(verb))
        + " ;;\n"
        for verb in verbs
    )
    return f"""\
#compdef nootropic
_nootropic() {{
  local -a verbs=(
{names}
  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
{cases}  esac
}}
compdef _nootropic nootropic
"""


def fish(verbs: Sequence[Verb]) -> str:
    """For fish 3 and later."""
    lines = ["complete -c nootropic -f"]
    for verb in verbs:
        lines.append(
            f"complete -c nootropic -n __fish_use_subcommand -a {verb.name} -d {quote(verb.summary)}"
        )
        seen = f"complete -c nootropic -n '__fish_seen_subcommand_from {verb.name}'"
        for option in options(verb):
            long = option.names[0].removeprefix("--")
            needs = "" if option.takes == "nothing" else f" -r{_fish_value(option)}"
            lines.append(f"{seen} -l {long}{needs} -d {quote(option.help)}")
        lines.extend(f"{seen}{_fish_value(each)}" for each in positional(verb) if _fish_value(each))
    return "\n".join(lines) + "\n"


def options(verb: Verb) -> list[Argument]:
    """What a verb takes with dashes."""
    return [each for each in (*verb.arguments, *OUTPUT) if each.is_option]


def positional(verb: Verb) -> list[Argument]:
    """What a verb takes without."""
    return [each for each in verb.arguments if not each.is_option]


def _words(verb: Verb) -> list[str]:
    choices = [choice for each in positional(verb) for choice in each.choices]
    return [*choices, *(name for each in options(verb) for name in each.names), "--help"]


def _paths(arguments: Iterable[Argument]) -> str:
    return next((each.takes for each in arguments if each.takes in ("file", "folder")), "")


def _bash_value(option: Argument) -> str:
    pattern = "|".join(option.names)
    words = quote(" ".join(option.choices))
    return f"        {pattern}) words={words} paths={_paths([option])} ;;\n"


def _zsh_arguments(verb: Verb) -> list[str]:
    of_options = [
        f"{each.names[0]}[{_zsh_text(each.help)}]"
        + ("" if each.takes == "nothing" else f":{each.takes}:{_zsh_value(each)}")
        for each in options(verb)
    ]
    of_rest = [f":{each.names[0]}:{_zsh_value(each)}" for each in positional(verb)]
    return [*of_options, *of_rest]


def _zsh_value(argument: Argument) -> str:
    if argument.choices:
        return f"({' '.join(argument.choices)})"
    return {"file": "_files", "folder": "_files -/"}.get(argument.takes, " ")


def _zsh_text(text: str) -> str:
    return "".join(f"\\{character}" if character in "[]:\\" else character for character in text)


def _fish_value(argument: Argument) -> str:
    if argument.choices:
        return f" -a {quote(' '.join(argument.choices))}"
    values = {"file": " -F", "folder": " -a '(__fish_complete_directories)'"}
    return values.get(argument.takes, "")
