"""No secret goes out, all of them come back, and nothing too large or too often is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from predict import test_kept_secrets as kept
from safety.test_secrets import KNOWN
from trust import test_secrets as trusted

from nootropic_lsp.core.chat import ChatRequest, FillRequest, Message, Piece, Usage
from nootropic_lsp.core.errors import Failure, ModelError
from nootropic_lsp.safety.gate import Gate, Guarded
from nootropic_lsp.safety.redaction import redact_log
from nootropic_lsp.settings.options import SafetySettings

GITHUB = KNOWN["github"]
AMAZON = KNOWN["amazon"]


def chat(*texts: str) -> ChatRequest:
    return ChatRequest(tuple(Message("user", text) for text in texts))


def sent(guarded: Guarded[ChatRequest]) -> str:
    return "\n".join(message.content for message in guarded.request.messages)


def test_what_has_no_secret_goes_out_as_it_is() -> None:
    request = chat("What does `Cart.total` do?")
    guarded = Gate(SafetySettings()).outgoing(request)
    assert guarded.request is request
    assert guarded.n_secrets == 0
    assert guarded.restore("HIDDEN_PLACEHOLDER_001") == "HIDDEN_PLACEHOLDER_001"


def test_secrets_are_replaced_each_by_its_own_placeholder_and_come_back() -> None:
    guarded = Gate(SafetySettings()).outgoing(
        chat(f'a = "{GITHUB}"\nb = "{AMAZON}"', f'again = "{GITHUB}"')
    )
    first, second = (message.content for message in guarded.request.messages)
    assert first == 'a = "HIDDEN_PLACEHOLDER_001"\nb = "HIDDEN_PLACEHOLDER_002"'
    assert second == 'again = "HIDDEN_PLACEHOLDER_001"'
    assert guarded.restore("use HIDDEN_PLACEHOLDER_002!") == f"use {AMAZON}!"
    assert guarded.n_secrets == 2


def test_a_placeholder_that_is_there_already_stays_what_it_is() -> None:
    text = f'HIDDEN_PLACEHOLDER_001 HIDDEN_PLACEHOLDER_0029 "{GITHUB}"'
    guarded = Gate(SafetySettings()).outgoing(chat(text))
    assert GITHUB not in sent(guarded)
    assert "HIDDEN_PLACEHOLDER_003" in sent(guarded)
    assert guarded.restore(sent(guarded)) == text


def test_a_secret_is_hidden_where_nothing_says_that_it_is_one() -> None:
    guarded = Gate(SafetySettings()).outgoing(
        chat('password = "hunter2"\nprint(hunter2, xhunter2y)', "Why is hunter2 refused?")
    )
    assert sent(guarded) == (
        'password = "HIDDEN_PLACEHOLDER_001"\nprint(HIDDEN_PLACEHOLDER_001, xhunter2y)\n'
        "Why is HIDDEN_PLACEHOLDER_001 refused?"
    )


def test_a_word_is_hidden_only_as_a_password() -> None:
    guarded = Gate(SafetySettings()).outgoing(chat('password = "swordfish"; eat(swordfish)'))
    assert sent(guarded) == 'password = "HIDDEN_PLACEHOLDER_001"; eat(swordfish)'


@pytest.mark.parametrize("at", range(len(f'key = "{GITHUB}"') + 1))
def test_a_cursor_inside_a_secret_does_not_give_it_away(at: int) -> None:
    text = f'key = "{GITHUB}"'
    guarded = Gate(SafetySettings()).outgoing(FillRequest(text[:at], text[at:], "python"))
    request = guarded.request
    assert not any(
        GITHUB[start : start + 8] in request.before + request.after
        for start in range(len(GITHUB) - 8)
    )
    assert guarded.restore(request.before) == text[:at]
    assert guarded.restore(request.after) == text[at:]


def test_several_keys_in_one_run_of_letters() -> None:
    text = f"{GITHUB}/{AMAZON}/{KNOWN['npm']}"
    guarded = Gate(SafetySettings()).outgoing(chat(text))
    assert guarded.n_secrets == 3
    assert redact_log(text) == "[redacted]/[redacted]/[redacted]"


def test_what_only_detect_secrets_knows() -> None:
    pytest.importorskip("detect_secrets")
    artifactory = "AK" + "C" + "2xQ9zLmPwTb"
    assert artifactory not in sent(Gate(SafetySettings()).outgoing(chat(f"use {artifactory} then")))
    long_line = "x = 1; " * 400 + artifactory + " y = 2;" * 400
    assert artifactory not in redact_log(long_line)


def test_redaction_can_be_turned_off() -> None:
    request = chat(f'a = "{GITHUB}"')
    assert Gate(SafetySettings(redact_secrets=False)).outgoing(request).request is request


def test_a_prompt_that_is_too_large_is_refused() -> None:
    gate = Gate(SafetySettings(max_prompt_chars=1000))
    gate.outgoing(chat("x" * 500, "y" * 500))
    with pytest.raises(ModelError, match=r"1,001 characters.*`safety\.maxPromptChars`") as caught:
        gate.outgoing(FillRequest("x" * 1000, "y"))
    assert caught.value.failure is Failure.CONTEXT_OVERFLOW


def test_no_more_than_so_many_in_any_minute() -> None:
    now = 100.0
    gate = Gate(SafetySettings(requests_per_minute=2), clock=lambda: now)
    gate.outgoing(chat("a"))
    now = 140.0
    gate.outgoing(chat("b"))
    now = 159.5
    for _ in range(3):
        with pytest.raises(ModelError, match=r"try again in 1 s.*`safety\.requestsPerM") as caught:
            gate.outgoing(chat("c"))
    assert caught.value.failure is Failure.RATE_LIMIT
    assert caught.value.is_passing
    assert caught.value.retry_after_s == pytest.approx(0.5)
    now = 160.0
    gate.outgoing(chat("c"))
    with pytest.raises(ModelError) as caught:
        gate.outgoing(chat("d"))
    assert caught.value.retry_after_s == pytest.approx(40.0)


# ---- whatever is around them

FILES = {**kept.FILES, **{f"trust/{name}": text for name, text in trusted.FILES.items()}}
SECRETS = (*kept.SECRETS, *trusted.SECRETS)


@pytest.mark.parametrize("name", FILES)
def test_no_planted_secret_gets_through(name: str) -> None:
    text = FILES[name]
    guarded = Gate(SafetySettings()).outgoing(chat(f"Explain this:\n{text}\n", text * 2))
    assert [secret for secret in SECRETS if secret in sent(guarded)] == []
    restored = [guarded.restore(each.content) for each in guarded.request.messages]
    assert restored == [f"Explain this:\n{text}\n", text * 2]
    assert [secret for secret in SECRETS if secret in redact_log(text)] == []


ISSUED = sorted({*KNOWN.values(), kept.AMAZON, kept.GITHUB, kept.STRIPE, trusted.SLACK})
PLANTED = st.sampled_from(ISSUED) | st.sampled_from(
    [f'password = "{kept.PASSWORD}"', f"passphrase = '{kept.SHORT}'", kept.PRIVATE]
)
AROUND = st.text(max_size=12) | st.sampled_from(
    ["HIDDEN_PLACEHOLDER_001", "HIDDEN_PLACEHOLDER_", "002", "\n", '"', "/", "-", " = "]
)
TEXTS = st.lists(AROUND | PLANTED.map(lambda each: f"\n{each}\n"), max_size=8).map("".join)
CLUES = (*ISSUED, kept.PASSWORD, kept.SHORT, kept.KEY_LINES[:64], kept.KEY_LINES[65:129])


@settings(deadline=None, max_examples=300)
@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_whatever_is_around_nothing_gets_through_and_all_comes_back(texts: list[str]) -> None:
    guarded = Gate(SafetySettings()).outgoing(chat(*texts))
    assert [clue for clue in CLUES if clue in sent(guarded)] == []
    assert [guarded.restore(each.content) for each in guarded.request.messages] == texts


@settings(deadline=None, max_examples=200)
@given(TEXTS, st.data())
def test_a_gap_anywhere(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    guarded = Gate(SafetySettings()).outgoing(FillRequest(text[:at], text[at:]))
    assert [
        clue for clue in CLUES if clue in guarded.request.before or clue in guarded.request.after
    ] == []
    assert guarded.restore(guarded.request.before) == text[:at]
    assert guarded.restore(guarded.request.after) == text[at:]


# ---- streams


async def stream(texts: Sequence[str], *, thinking: bool = False) -> AsyncIterator[Piece]:
    for text in texts:
        yield Piece(thinking=text) if thinking else Piece(text)
    yield Piece(finish="stop", usage=Usage(3, 4))


def collected(pieces: AsyncIterator[Piece]) -> list[Piece]:
    async def collect() -> list[Piece]:
        return [piece async for piece in pieces]

    return asyncio.run(collect())


def guarded_two() -> tuple[Guarded[ChatRequest], str, str]:
    guarded = Gate(SafetySettings()).outgoing(chat(f'a = "{GITHUB}"\nb = "{AMAZON}"'))
    answer = "HIDDEN_PLACEHOLDER_0: HIDDEN_HIDDEN_PLACEHOLDER_002HIDDEN_PLACEHOLDER_001, HID"
    return guarded, answer, guarded.restore(answer)


@pytest.mark.parametrize("is_thought", [False, True])
def test_every_split_of_a_stream_gives_the_same(is_thought: bool) -> None:
    guarded, answer, whole = guarded_two()
    assert whole == f"HIDDEN_PLACEHOLDER_0: HIDDEN_{AMAZON}{GITHUB}, HID"
    splits = [[answer[:at], answer[at:]] for at in range(len(answer) + 1)]
    splits += [
        [answer[:a], answer[a:b], answer[b:]]
        for a in range(0, len(answer), 3)
        for b in range(a, len(answer), 2)
    ]
    splits.append(list(answer))
    for texts in splits:
        pieces = collected(guarded.restored(stream(texts, thinking=is_thought)))
        said = "".join(piece.thinking if is_thought else piece.text for piece in pieces)
        assert said == whole
        assert pieces[-1].finish == "stop"
        assert pieces[-1].usage == Usage(3, 4)


def test_only_what_may_be_a_placeholder_waits() -> None:
    guarded, _, _ = guarded_two()
    said = [
        each.text for each in collected(guarded.restored(stream(["a H", "i", " HIDDEN_", "x"])))
    ]
    assert said == ["a ", "Hi", " ", "HIDDEN_x", ""]


def test_a_stream_without_an_end_loses_nothing() -> None:
    async def cut() -> AsyncIterator[Piece]:
        yield Piece("see HIDDEN_PLACE")

    guarded, _, _ = guarded_two()
    assert "".join(each.text for each in collected(guarded.restored(cut()))) == "see HIDDEN_PLACE"


def test_closing_the_stream_closes_its_source() -> None:
    closed = False

    async def source() -> AsyncIterator[Piece]:
        nonlocal closed
        try:
            while True:
                yield Piece("x")
        finally:
            closed = True

    async def read_one() -> None:
        guarded, _, _ = guarded_two()
        pieces = guarded.restored(source())
        await anext(pieces)
        await pieces.aclose()  # type: ignore[attr-defined]

    asyncio.run(read_one())
    assert closed
