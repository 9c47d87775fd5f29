"""Edits that a model proposes: asked for, tried out, and offered only if they pass."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from nootropic_lsp.core.chat import ChatRequest, Message
from nootropic_lsp.core.errors import ContextOverflowError, RefusedError
from nootropic_lsp.features.assist.answering import noted
from nootropic_lsp.features.assist.checking import Check, Judge, Trial
from nootropic_lsp.features.assist.diffs import unified
from nootropic_lsp.features.assist.means import Means, Provenance, Room, provenance, room_for
from nootropic_lsp.features.assist.passages import Passage, Source, packed, sources
from nootropic_lsp.models.answered import Answered
from nootropic_lsp.models.matcher import Needs
from nootropic_lsp.prompts.blocks import Block, apply_blocks, beside_blocks, parse_blocks
from nootropic_lsp.prompts.registry import Filling, Prompt, Quoted, render
from nootropic_lsp.safety.access import may_write

# The first answer, and one after it was told what is wrong with that.
_MOST_ROUNDS = 2
_SMALLER = 0.5


@dataclass(frozen=True, slots=True)
class Change:
    """A file as it would be. `digest` is that of the text that it was made from, in hexadecimal."""

    path: str
    text: str
    is_new: bool
    digest: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Edits that have passed all checks, and how they came about.

    `said` is what the model said beside them, `sources` what it was given.
    """

    changes: tuple[Change, ...]
    diff: str
    checks: tuple[Check, ...]
    provenance: Provenance
    said: str = ""
    thinking: str = ""
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What a model is to change: the files by their paths, and nothing else.

    `gather` finds the passages for a prompt with so much room, `fill` makes its values of those
    that fit. With `adds`, a block that replaces nothing is added at the end.
    """

    prompt: str
    texts: Mapping[str, str]
    gather: Callable[[Room], Sequence[Passage]]
    fill: Callable[[Sequence[Passage]], Mapping[str, Filling]]
    checks: Sequence[Judge]
    new: frozenset[str] = frozenset()
    adds: bool = False


def text_to_change(means: Means, path: str) -> str | None:
    """The text of a file that a model may see and change; None if there is no such file.

    Raises `RefusedError` if it may not.
    """
    means.refuse_unreadable(path)
    around = [each for each in means.snapshot.folders if path.startswith(f"{each}/")]
    if not any(may_write(Path(folder), path) for folder in around):
        raise RefusedError(f"{means.shown(path)} is not to be changed by a model")
    try:
        return means.snapshot.text(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RefusedError(f"{means.shown(path)} cannot be read ({error.strerror})") from error


async def propose(means: Means, order: Order, needs: Needs) -> Proposal:
    """Ask for edits. Raises `RefusedError` with what was tried if none passes."""
    room = await room_for(means, needs, order.prompt, order.fill(()), n_answers=_MOST_ROUNDS)
    try:
        return await _proposed(means, order, needs, room)
    except ContextOverflowError:
        smaller = replace(room, tokens=int(room.tokens * _SMALLER))
        return await _proposed(means, order, needs, smaller)


async def _proposed(means: Means, order: Order, needs: Needs, room: Room) -> Proposal:
    prompt, given = await asyncio.to_thread(_prompt, means, order, room)
    messages = prompt.messages
    answers: list[Answered] = []
    problems: list[str] = []
    while len(answers) < _MOST_ROUNDS:
        request = ChatRequest(messages, room.sampling)
        # The same answer again would be as wrong.
        answer = await means.router.whole(
            request, needs=needs, fresh=bool(answers), note=noted(prompt)
        )
        answers.append(answer)
        outcome = await asyncio.to_thread(_tried, means, order, answer.reply.text)
        if not outcome.problem:
            return Proposal(
                outcome.changes,
                outcome.diff,
                outcome.checks,
                provenance(f"{prompt.name}@{prompt.version}", answers),
                outcome.said,
                answer.reply.thinking,
                sources(means, given),
            )
        problems.append(outcome.problem)
        if outcome.is_final:
            break
        again = render("repair", {"problem": [Quoted("what is wrong", outcome.problem)]})
        messages = (*messages, Message("assistant", answer.reply.text), *again.messages)
    raise RefusedError(_refusal(f"{answers[-1].backend}:{answers[-1].model}", problems, outcome))


def _prompt(means: Means, order: Order, room: Room) -> tuple[Prompt, list[Passage]]:
    passages = packed(order.gather(room), room.tokens, room.count)
    return render(order.prompt, order.fill(passages)), passages


class _Outcome(NamedTuple):
    """What became of an answer; `is_final` says that asking again is of no use."""

    problem: str = ""
    is_final: bool = False
    said: str = ""
    changes: tuple[Change, ...] = ()
    diff: str = ""
    checks: tuple[Check, ...] = ()


def _tried(means: Means, order: Order, answer: str) -> _Outcome:
    """Put an answer into the files, and hold them against all checks."""
    try:
        blocks = parse_blocks(answer)
        if not blocks:
            return _without_blocks(answer)
        after = _applied(means, order, blocks)
    except RefusedError as error:
        return _Outcome(str(error))
    texts = {
        path: (order.texts[path], text) for path, text in after.items() if text != order.texts[path]
    }
    if not texts:
        return _Outcome("the blocks change nothing: ORIGINAL and UPDATED are the same")
    trial = Trial(means.snapshot, texts, means.settings)
    checks = []
    for judge in order.checks:
        checks.append(judge(trial))
        # What cannot be read has a hundred findings.
        if checks[-1].outcome == "failed":
            return _Outcome(checks[-1].said, checks=tuple(checks))
    changes = tuple(
        Change(path, text, path in order.new, _digest(before))
        for path, (before, text) in texts.items()
    )
    diff = "".join(
        unified(means.shown(path), *pair, is_new=path in order.new) for path, pair in texts.items()
    )
    return _Outcome(said=beside_blocks(answer), changes=changes, diff=diff, checks=tuple(checks))


def _applied(means: Means, order: Order, blocks: Sequence[Block]) -> dict[str, str]:
    by_path: dict[str, list[Block]] = {}
    for block in blocks:
        by_path.setdefault(_meant(means, order, block.path), []).append(block)
    return {
        path: apply_blocks(order.texts[path], some, adds=order.adds)
        for path, some in by_path.items()
    }


def _meant(means: Means, order: Order, written: str) -> str:
    """The file that a block names: one of those that were asked for."""
    plain = written.replace("\\", "/").removeprefix("./")
    if not plain and len(order.texts) == 1:
        return next(iter(order.texts))
    named = [
        path for path in order.texts if plain and f"/{means.shown(path)}".endswith(f"/{plain}")
    ]
    exact = [path for path in order.texts if plain in (path, means.shown(path))]
    found = exact or named
    if len(found) == 1:
        return found[0]
    names = ", ".join(map(means.shown, order.texts))
    what = f"changes {plain}" if plain else "does not name its file"
    raise RefusedError(f"a block {what}, and only {names} may be changed")


def _without_blocks(answer: str) -> _Outcome:
    """A sentence is the model's no; code without a block is a mistake in form."""
    if "```" in answer or not answer.strip() or len(answer) > _LONGEST_NO:
        return _Outcome("the answer has no block with ORIGINAL and UPDATED")
    return _Outcome(" ".join(answer.split()), is_final=True)


_LONGEST_NO = 600


def _refusal(model: str, problems: Sequence[str], outcome: _Outcome) -> str:
    if outcome.is_final:
        return f"{model} proposes no change: {problems[-1]}"
    if len(problems) == 1 or problems[0] == problems[-1]:
        tried = f"it was asked {len(problems)} times" if len(problems) > 1 else "it was asked once"
        return f"what {model} has proposed is not offered: {problems[-1]} ({tried})"
    return (
        f"what {model} has proposed is not offered: {problems[-1]} "
        f"(its first try failed because {problems[0]})"
    )


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
