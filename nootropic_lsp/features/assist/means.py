"""What is needed to ask a model about a workspace, and how much a prompt for it may hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from nootropic_lsp.core.chat import Sampling
from nootropic_lsp.core.errors import RefusedError
from nootropic_lsp.models.matcher import Needs
from nootropic_lsp.prompts.registry import Filling, render
from nootropic_lsp.prompts.tokens import estimate_tokens
from nootropic_lsp.settings.options import Settings

if TYPE_CHECKING:
    from nootropic_lsp.features.search import Near
    from nootropic_lsp.features.snapshot import Snapshot
    from nootropic_lsp.models.answered import Answered
    from nootropic_lsp.models.router import Router
    from nootropic_lsp.safety.access import Readable

# Estimates are up to this far off, and a prompt that is too long is cut without a word.
_SURE = 0.9
# Characters that a token has at most, on average.
_CHARS_PER_TOKEN = 5
# What an answer may take of a small context.
_ANSWERS_SHARE = 4
FENCE_TOKENS = 60
"""What the fence around a text and its number take."""


@dataclass(frozen=True, slots=True)
class Means:
    """What every request to a model needs.

    `readable` says what models may be given, by the ignore files as they are now. `near` asks the
    vectors, or says why there are none.
    """

    snapshot: Snapshot
    router: Router
    readable: Readable
    settings: Settings
    near: Near | str = "vectors are off"

    def shown(self, path: str) -> str:
        """A path as it is shown to people and models: below the folder of the workspace."""
        folders = self.snapshot.folders
        around = [folder for folder in folders if PurePath(path).is_relative_to(folder)]
        if not around:
            return path
        folder = max(around, key=len)
        below = PurePath(path).relative_to(folder)
        return (PurePath(PurePath(folder).name) / below if len(folders) > 1 else below).as_posix()

    def refuse_unreadable(self, path: str) -> None:
        """Raises `RefusedError` if models must not be given a file."""
        if not self.readable.may_read(path):
            raise RefusedError(
                f"{self.shown(path)} is not given to a model: it lies outside of the workspace, or "
                "a line in .gitignore, .nootropicignore or .aiignore keeps it back"
            )


@dataclass(frozen=True, slots=True)
class Room:
    """How many tokens of the workspace a prompt may hold, for the model that is asked first."""

    tokens: int
    sampling: Sampling
    family: str = ""

    def count(self, text: str) -> int:
        """About how many tokens a text has."""
        return estimate_tokens(text, self.family)


async def room_for(
    means: Means, needs: Needs, prompt: str, values: Mapping[str, Filling], *, n_answers: int = 1
) -> Room:
    """The room that a prompt leaves when its other values are filled in.

    `n_answers` is for conversations in which the model may have to answer again.
    """
    options = means.settings.models
    asked = [each for each in await means.router.candidates(needs) if not each.refused]
    held, family = options.context_tokens, ""
    if asked:
        held = min(held, asked[0].context_tokens or held)
        family = asked[0].offer.model.name
    output = min(options.max_output_tokens, held // _ANSWERS_SHARE)
    filled = render(prompt, values)
    taken = sum(estimate_tokens(each.content, family) for each in filled.messages)
    most = means.settings.safety.max_prompt_chars // _CHARS_PER_TOKEN
    tokens = min(int((held - n_answers * output) * _SURE), most) - taken
    sampling = Sampling(output, options.temperature, options.context_tokens)
    return Room(max(tokens, 0), sampling, family)


@dataclass(frozen=True, slots=True)
class Provenance:
    """How an answer came about: who gave it and why, to which prompt, and what it took.

    `model` is "backend:model". `tried` says what went wrong before, a sentence each. The cost is
    None where nobody knows it.
    """

    model: str
    why: str
    prompt: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0
    seconds: float = 0.0
    n_rounds: int = 1
    is_cached: bool = False
    tried: tuple[str, ...] = ()


def provenance(prompt: str, answers: Sequence[Answered]) -> Provenance:
    """That of one or more answers, of which the last one counts."""
    last = answers[-1]
    costs = [each.cost_usd for each in answers]
    return Provenance(
        f"{last.backend}:{last.model}",
        last.why,
        prompt,
        sum(each.reply.usage.input_tokens for each in answers),
        sum(each.reply.usage.output_tokens for each in answers),
        None if None in costs else sum(each or 0.0 for each in costs),
        sum(each.seconds for each in answers),
        len(answers),
        all(each.is_cached for each in answers),
        tuple(sentence for each in answers for sentence in each.tried),
    )
