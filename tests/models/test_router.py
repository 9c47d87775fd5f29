"""The router with servers that play what they are told: who is asked, when, and what comes of it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from models.routing import router_of
from models.scripted import Clock, Scripted

from nootropic_lsp.core.chat import (
    ChatRequest,
    FillRequest,
    Message,
    ModelInfo,
    Piece,
    Sampling,
    Usage,
)
from nootropic_lsp.core.errors import ContextOverflowError, Failure, ModelError, SafetyError
from nootropic_lsp.models.backend import CHAT, FILL
from nootropic_lsp.models.breaker import N_FAILURES, REST_S
from nootropic_lsp.models.matcher import Needs
from nootropic_lsp.models.router import EMBED_BATCH, Router
from nootropic_lsp.telemetry import spans
from nootropic_lsp.telemetry.spans import Span, Tracer

HELLO = ChatRequest((Message("user", "Hello"),))
GAP = FillRequest("def add(a, b):\n    ", "\n")
BROKEN = ModelError(Failure.INFERENCE_ERROR, "it broke")
PASSING = ModelError(Failure.INFERENCE_ERROR, "it broke off", is_passing=True)
GONE = ModelError(Failure.MODEL_LOAD_FAILED, "nobody there")
KEY = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
CODER = "qwen2.5-coder:7b"


async def text_of(router: Router, request: ChatRequest = HELLO, **more: object) -> str:
    async with aclosing(router.chat(request, **more)) as pieces:  # type: ignore[arg-type]
        return "".join([piece.text async for piece in pieces])


async def test_servers_are_asked_in_their_order_whatever_they_were_given_in() -> None:
    names = ["embedded", "llama.cpp", "vllm", "ollama", "tabby"]
    backends = [Scripted(name, [(GONE,)], [CODER]) for name in names]
    backends[0].scripts = [("here",)]
    router = router_of(*backends)
    answered = await router.whole(HELLO)
    assert (answered.backend, answered.reply.text) == ("embedded", "here")
    assert [each.partition(":")[0] for each in answered.tried] == names[:0:-1]
    assert [len(each.asked) for each in backends] == [1] * 5


async def test_a_cloud_comes_last_and_only_if_it_is_allowed() -> None:
    local = Scripted("ollama", [(GONE,)])
    cloud = Scripted("openai", [("from afar",)], ["gpt-5"], is_local=False)
    for settings in ({}, {"clouds": ("openai",)}, {"allow_cloud_fallback": True}):
        with pytest.raises(ModelError, match="nobody there"):
            await router_of(local, cloud, settings=settings).whole(HELLO)
    assert not cloud.asked
    assert cloud.n_listed == 0
    allowed = {"clouds": ("openai",), "allow_cloud_fallback": True}
    answered = await router_of(local, cloud, settings=allowed).whole(HELLO)
    assert answered.backend == "openai"
    assert answered.cost_usd is None


async def test_what_passes_is_tried_again_with_growing_waits_what_does_not_elsewhere() -> None:
    clock = Clock()
    only = Scripted("ollama", [(PASSING,), (PASSING,), ("third time",)], clock=clock)
    assert (await router_of(only).whole(HELLO)).reply.text == "third time"
    assert clock.slept == [1.0, 2.0]
    broken, other = Scripted("ollama", [(BROKEN,)]), Scripted("vllm", [("elsewhere",)])
    assert await text_of(router_of(broken, other)) == "elsewhere"
    assert broken.clock.slept == []


async def test_a_server_that_is_busy_is_waited_for_only_if_there_is_no_other() -> None:
    busy = ModelError(Failure.RATE_LIMIT, "busy", is_passing=True, retry_after_s=7)
    clock = Clock()
    only = Scripted("ollama", [(busy,), ("at last",)], clock=clock)
    assert await text_of(router_of(only)) == "at last"
    assert clock.slept == [7]
    first, other = Scripted("ollama", [(busy,)]), Scripted("vllm", [("other",)])
    assert await text_of(router_of(first, other)) == "other"
    assert first.clock.slept == []


async def test_who_is_still_loading_is_not_waited_for_and_asked_anew_what_it_has() -> None:
    loading = ModelError(Failure.MODEL_LOAD_FAILED, "loading", is_passing=True)
    first, other = Scripted("ollama", [(loading,)]), Scripted("vllm", [("other",)])
    router = router_of(first, other, settings={"cache_answers": 0})
    assert await text_of(router) == "other"
    assert (first.clock.slept, len(first.asked), first.n_listed) == ([], 1, 1)
    await text_of(router)
    await asyncio.sleep(0.01)
    assert first.n_listed == 2
    only = Scripted("ollama", [(loading,), ("ready",)])
    assert await text_of(router_of(only)) == "ready"


async def test_a_stream_that_breaks_off_is_no_mixture_but_a_whole_answer_is_begun_again() -> None:
    first = Scripted("ollama", [("half of ", PASSING)])
    other = Scripted("vllm", [("another answer",)])
    router = router_of(first, other)
    async with aclosing(router.chat(HELLO)) as pieces:
        assert (await anext(pieces)).text == "half of "
        with pytest.raises(ModelError, match="broke off"):
            await anext(pieces)
    assert pieces.answered is None
    assert not other.asked
    answered = await router.whole(HELLO)
    assert (answered.reply.text, answered.backend) == ("another answer", "vllm")


async def test_when_all_fail_the_first_is_told_and_the_others_too() -> None:
    router = router_of(
        Scripted("ollama", [(ModelError(Failure.INFERENCE_ERROR, "out of order"),)]),
        Scripted("vllm", [(ModelError(Failure.MODEL_LOAD_FAILED, "too large"),)]),
    )
    with pytest.raises(ModelError, match=r"out of order\. The others .*: too large") as caught:
        await text_of(router)
    assert caught.value.failure is Failure.INFERENCE_ERROR


async def test_a_breaker_opens_and_lets_one_try_after_its_rest() -> None:
    clock = Clock()
    broken = Scripted("ollama", [(BROKEN,)] * N_FAILURES + [("well again",)], clock=clock)
    router = router_of(broken, Scripted("vllm", [("other",)]), settings={"cache_answers": 0})
    for _ in range(N_FAILURES + 2):
        assert await text_of(router) == "other"
    assert len(broken.asked) == N_FAILURES
    described = await router.describe(anew=False)
    assert {each.name: each.state for each in described.servers} == {
        "ollama": "open",
        "vllm": "closed",
    }
    assert any("ollama is left alone" in event for event in described.events)
    clock.now += REST_S
    assert await text_of(router) == "well again"
    assert (await router.describe(anew=False)).servers[0].state == "closed"


async def test_who_gives_up_while_a_breaker_is_half_open_leaves_the_way_free() -> None:
    clock = Clock()
    never = asyncio.Event()
    scripts = [(BROKEN,)] * N_FAILURES + [(never,), ("well again",)]
    server = Scripted("ollama", scripts, clock=clock)
    router = router_of(server)
    for _ in range(N_FAILURES):
        with pytest.raises(ModelError):
            await text_of(router)
    clock.now += REST_S
    waiting = asyncio.create_task(text_of(router))
    server.is_asked.clear()
    await server.is_asked.wait()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert await text_of(router) == "well again"


async def test_a_question_that_is_too_long_does_not_count_against_a_server() -> None:
    too_long = ContextOverflowError("too long", 4096)
    small = Scripted("ollama", [(too_long,)], [ModelInfo(CODER, "ollama", context_tokens=4096)])
    same = Scripted("vllm", offers=[ModelInfo(CODER, "vllm", context_tokens=4096)])
    large = Scripted("llama.cpp", [("ok",)], [ModelInfo(CODER, "llama.cpp", context_tokens=32768)])
    router = router_of(small, same, large, settings={"cache_answers": 0})
    for _ in range(N_FAILURES + 1):
        assert (await router.whole(HELLO)).backend == "llama.cpp"
    assert len(small.asked) == N_FAILURES + 1
    assert not same.asked
    with pytest.raises(ContextOverflowError) as caught:
        await router_of(small, same).whole(HELLO)
    assert caught.value.context_tokens == 4096


async def test_a_slow_model_comes_last_until_it_is_forgotten() -> None:
    clock = Clock()
    slow = Scripted("ollama", [(31.0, "slow"), ("fast",)], clock=clock)
    router = router_of(slow, Scripted("vllm", [("other",)]), settings={"cache_answers": 0})
    assert await text_of(router) == "slow"
    assert await text_of(router) == "other"
    first, second = (await router.describe(anew=False)).candidates
    assert (first.offer.backend, second.offer.backend) == ("vllm", "ollama")
    assert "too slow lately" in second.why
    # Who is too slow for one thing need not be for another.
    async with aclosing(router.fill(GAP)) as pieces:
        assert (await anext(pieces)).text == "fast"
    clock.now += 3600
    assert await text_of(router) == "fast"


async def test_the_same_question_is_answered_once_and_a_fresh_answer_is_asked_for() -> None:
    server = Scripted("ollama", [("one",), ("two",), ("three",)])
    router = router_of(server)
    first, again = await router.whole(HELLO), await router.whole(HELLO)
    assert (first.reply.text, first.is_cached) == ("one", False)
    assert (again.reply.text, again.is_cached) == ("one", True)
    assert again.reply.usage == Usage(10, 5)
    assert await text_of(router, fresh=True) == "two"
    lively = ChatRequest(HELLO.messages, Sampling(temperature=0.9))
    assert await text_of(router, lively) == await text_of(router, lively) == "three"
    assert len(server.asked) == 4


async def test_an_answer_that_was_left_is_not_kept() -> None:
    server = Scripted("ollama", [("half of ", "it"), ("whole",)])
    router = router_of(server)
    async with aclosing(router.chat(HELLO)) as pieces:
        async for _ in pieces:
            break
    assert await text_of(router) == "whole"


@pytest.mark.parametrize("way", ["closed", "cancelled"])
async def test_leaving_ends_the_work_of_the_server(way: str) -> None:
    never = asyncio.Event()
    server = Scripted("ollama", [("first", never)])
    kept: list[Span] = []
    tracer = Tracer([kept.extend], redact=str)
    router = router_of(server, tracer=tracer)
    is_first = asyncio.Event()

    async def read() -> None:
        async with aclosing(router.chat(HELLO)) as pieces:
            async for _ in pieces:
                is_first.set()
                if way == "closed":
                    break
        # Not some time later.
        assert server.asked[0].was_closed

    reading = asyncio.create_task(read())
    await is_first.wait()
    if way == "cancelled":
        reading.cancel()
    (ended,) = await asyncio.gather(reading, return_exceptions=True)
    assert not isinstance(ended, AssertionError)
    assert server.asked[0].was_closed
    assert (await router.describe(anew=False)).servers[0].state == "closed"
    tracer.close()
    (span,) = kept
    assert (span.status, span.attributes["nootropic.given_up"]) == ("ok", True)


async def test_no_call_outlives_its_deadline() -> None:
    server = Scripted("ollama", [(PASSING,)])
    router = router_of(server)
    with pytest.raises(ModelError):
        await text_of(router, deadline_s=2.5)
    # After one second and two more it would be too late.
    assert server.clock.slept == [1.0]
    assert [round(each.deadline_s, 1) for each in server.asked] == [2.5, 1.5]
    assert all(each.first_token_s <= each.deadline_s for each in server.asked)


async def test_when_the_time_is_over_nobody_else_is_asked() -> None:
    first = Scripted("ollama", [(9.0, BROKEN)], [CODER, "nomic-embed-text"])
    other = Scripted("vllm", offers=[CODER, "nomic-embed-text"])
    router = router_of(first, other)
    with pytest.raises(ModelError, match="it broke"):
        await text_of(router, deadline_s=8.0)
    with pytest.raises(ModelError, match="it broke"):
        await router.embed(["a"], deadline_s=8.0)
    assert not other.asked
    assert not other.embedded


async def test_a_server_that_does_not_keep_its_deadline_is_cut_off() -> None:
    server = Scripted("ollama", [(asyncio.Event(),)])
    other = Scripted("vllm", [("other",)])
    async with asyncio.timeout(5):
        assert await text_of(router_of(server, other), first_token_s=0.01) == "other"
    assert server.asked[0].was_closed


async def test_looking_for_servers_counts_as_time_and_goes_on_for_the_next() -> None:
    found = asyncio.Event()
    server = Scripted("ollama")

    async def find() -> list[object]:
        await found.wait()
        return []

    router = router_of(server, find=find)
    with pytest.raises(ModelError, match="still being looked") as caught:
        await text_of(router, deadline_s=0.05)
    assert caught.value.is_passing
    found.set()
    assert await text_of(router, deadline_s=2.0) == "ok"
    await router.close()
    assert server.is_closed


async def test_secrets_do_not_go_out_and_come_back_in_their_place() -> None:
    server = Scripted("ollama", offers=[CODER, "nomic-embed-text"])
    asked = ChatRequest((Message("user", f'what is key = "{KEY}"?'),))
    router = router_of(server, settings={"cache_answers": 0})
    await text_of(router, asked)
    sent = server.asked[0].request
    assert isinstance(sent, ChatRequest)
    hidden = sent.messages[0].content
    assert KEY not in hidden
    mark = hidden.removeprefix('what is key = "').removesuffix('"?')
    server.scripts = [(f"it is {mark[:7]}", mark[7:], "!")]
    said = []
    async with aclosing(router.chat(asked)) as pieces:
        said = [piece.text async for piece in pieces]
    assert "".join(said) == f"it is {KEY}!"
    assert (await router.whole(asked)).reply.text == f"it is {KEY}!"
    gap = FillRequest(f'key = "{KEY}"\nuse(', ")\n")
    server.scripts = [(mark,)]
    async with aclosing(router.fill(gap)) as pieces:
        assert "".join([piece.text async for piece in pieces]) == KEY
    await router.embed([f'key = "{KEY}"'])
    await router.count_tokens(f'key = "{KEY}"')
    assert KEY not in repr(server.asked) + repr(server.embedded) + repr(server.counted)


async def test_what_the_gate_refuses_is_sent_to_nobody() -> None:
    server = Scripted("ollama")
    router = router_of(server, safety={"max_prompt_chars": 10, "requests_per_minute": 2})
    with pytest.raises(ModelError, match="maxPromptChars") as caught:
        await text_of(router, ChatRequest((Message("user", "x" * 11),)))
    assert caught.value.failure is Failure.CONTEXT_OVERFLOW
    for _ in range(2):
        await text_of(router)
    with pytest.raises(ModelError, match="requestsPerMinute") as caught:
        await text_of(router)
    assert caught.value.failure is Failure.RATE_LIMIT
    with pytest.raises(ModelError, match="requestsPerMinute"):
        await router.embed(["a"])
    assert len(server.asked) == 1
    assert not server.embedded


async def test_a_refusal_of_the_gate_is_no_fault_of_a_server() -> None:
    server = Scripted("ollama", [(SafetyError("not allowed"),)] * N_FAILURES + [("ok",)])
    router = router_of(server)
    for _ in range(N_FAILURES):
        with pytest.raises(SafetyError):
            await text_of(router)
    assert await text_of(router) == "ok"


async def test_vectors_are_all_of_one_model_and_another_one_makes_them_all_anew() -> None:
    offers = ["nomic-embed-text"]
    first = Scripted("ollama", [("ok",), (BROKEN,)], offers)
    other = Scripted("vllm", offers=offers)
    router = router_of(first, other)
    texts = ["x" * n for n in range(EMBED_BATCH + 3)]
    embedded = await router.embed(texts)
    assert (embedded.backend, embedded.model) == ("vllm", "nomic-embed-text")
    assert embedded.vectors == [[float(n)] for n in range(len(texts))]
    assert [len(each) for each in other.embedded] == [EMBED_BATCH, 3]
    # Whoever names the server gets its answer or none.
    with pytest.raises(ModelError, match="it broke"):
        await router.embed(texts, model="ollama:nomic-embed-text")


async def test_vectors_are_tried_again_and_have_a_deadline() -> None:
    server = Scripted("ollama", [(PASSING,), ("ok",)], ["nomic-embed-text"])
    router = router_of(server)
    assert (await router.embed(["abc"])).vectors == [[3.0]]
    assert server.clock.slept == [1.0]
    server.scripts = [(asyncio.Event(),)]
    async with asyncio.timeout(5):
        with pytest.raises(ModelError, match="no answer within"):
            await router.embed(["abc"], deadline_s=0.01)


async def test_the_model_that_is_named_exactly_goes_before_its_namesakes() -> None:
    offers = [f"{CODER}-q8_0", CODER]
    router = router_of(Scripted("ollama", offers=offers))
    for name in (CODER, f"ollama:{CODER}", f"ollama:{CODER}-q8_0"):
        answered = await router.whole(HELLO, needs=Needs(frozenset((CHAT,)), name))
        assert answered.model == name.removeprefix("ollama:")


async def test_without_a_model_it_is_said_why() -> None:
    with pytest.raises(ModelError, match=r"no language model.*models\.gguf") as caught:
        await text_of(router_of())
    assert caught.value.failure is Failure.MODEL_LOAD_FAILED
    lists: list[Exception | None] = [ModelError(Failure.MODEL_LOAD_FAILED, "is it running?")] * 2
    with pytest.raises(ModelError, match=r"is it running\?"):
        await text_of(router_of(Scripted("ollama", lists=lists)))
    only_vectors = Scripted("ollama", offers=["nomic-embed-text"])
    with pytest.raises(ModelError, match="cannot hold a conversation"):
        await text_of(router_of(only_vectors))


async def test_a_server_that_appears_is_found_before_anybody_hears_that_there_is_none() -> None:
    server = Scripted("ollama", lists=[GONE])
    router = router_of(server)
    with pytest.raises(ModelError):
        await text_of(router)
    server.clock.now += 3
    assert await text_of(router) == "ok"


async def test_each_call_is_a_span_and_no_span_says_what_was_said() -> None:
    kept: list[Span] = []
    tracer = Tracer([kept.extend], redact=str)
    server = Scripted("ollama", [(BROKEN,), ("the answer",)], [CODER])
    other = Scripted("vllm", [(1.0, "the answer")], [CODER, "nomic-embed-text"])
    router = router_of(server, other, tracer=tracer, usd_per_hour=3600.0)
    await router.whole(HELLO, note={spans.PROMPT: "ask"})
    await router.embed(["Hello"], model="vllm")
    tracer.close()
    failed, well, vectors = kept
    assert (failed.status, failed.attributes[spans.ERROR]) == ("error", "INFERENCE_ERROR")
    assert well.name == f"chat {CODER}"
    assert well.attributes == {
        spans.OPERATION: "chat",
        spans.PROVIDER: "vllm",
        spans.MODEL: CODER,
        spans.PROMPT: "ask",
        spans.INPUT_TOKENS: 10,
        spans.OUTPUT_TOKENS: 5,
        spans.COST_USD: 1.0,
        "nootropic.first_token_s": 1.0,
    }
    assert vectors.attributes[spans.OPERATION] == "embeddings"
    assert "Hello" not in repr(kept)
    assert "the answer" not in repr(kept)


async def test_thoughts_and_the_end_arrive_as_they_are() -> None:
    script = (Piece(thinking="hm"), Piece("yes"))
    answered = await router_of(Scripted("ollama", [script])).whole(HELLO)
    assert (answered.reply.thinking, answered.reply.text) == ("hm", "yes")
    assert answered.reply.finish == "stop"


async def test_a_fill_goes_to_who_can_fill() -> None:
    talker = Scripted("ollama", offers=["llama3.1:8b"])
    filler = Scripted("llama.cpp", [("return a + b",)], ["starcoder2-3b"])
    router = router_of(talker, filler)
    async with aclosing(router.fill(GAP)) as pieces:
        assert "".join([piece.text async for piece in pieces]) == "return a + b"
        assert pieces.model == "llama.cpp:starcoder2-3b"
    answered = pieces.answered
    assert answered is not None
    assert answered.reply.usage == Usage(10, 5)
    assert not talker.asked
    assert (await router.candidates(Needs(frozenset((FILL,)))))[1].refused
    assert await router.count_tokens("a b c") == 3
    with pytest.raises(ModelError, match="cannot embed texts"):
        await router_of(Scripted("tabby", can=frozenset((CHAT, FILL)))).embed(["a"], model="")
