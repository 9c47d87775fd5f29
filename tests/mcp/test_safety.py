"""What no agent gets to see, and what no call may hold up."""

from __future__ import annotations

import json
import random
import string
import time

import anyio
import pytest

# Built here, so that this file itself holds none.
_dice = random.Random(11)
GITHUB = (
    "ghp" + "_" + "".join(_dice.choice(string.ascii_letters + string.digits) for _ in range(36))
)
PASSWORD = "Tr0ub4dor" + "&3xK"
KEY_LINE = "".join(_dice.choice(string.ascii_letters + string.digits + "+/") for _ in range(64))
BEGIN, END = ("-----" + word + " RSA PRIVATE KEY-----" for word in ("BEGIN", "END"))

SOURCE = f'''"""Connects; try it with {GITHUB}."""

password = "{PASSWORD}"
KEY = """{BEGIN}
{KEY_LINE}
{KEY_LINE}
{KEY_LINE}
{END}"""
signed = [KEY]


def connect(token="{GITHUB}", password="{PASSWORD}"):
    """Open a line to the payment service with {GITHUB}."""
    print(token)
    return open_line(token, KEY)


def open_line(token, key):
    return sum([1]) + connect("{GITHUB}")
'''


async def test_secrets_are_in_no_answer(agent, shop):
    (shop / "payment.py").write_text(SOURCE)
    questions = (
        ("find_symbol", {"name": "connect"}),
        ("find_symbol", {"name": "password"}),
        ("read_symbol", {"name": "connect"}),
        ("read_symbol", {"name": "KEY"}),
        ("read_symbol", {"name": "password"}),
        ("outline", {"path": "payment.py"}),
        ("references", {"name": "connect"}),
        ("references", {"name": "KEY"}),
        ("impact", {"target": "connect"}),
        ("search", {"question": "payment service password"}),
        ("search", {"question": GITHUB}),
        ("lint", {"paths": ["payment.py"]}),
        ("rename", {"name": "connect", "new_name": "open_payment"}),
        ("rename", {"name": "KEY", "new_name": "SIGNING"}),
        # Its diff shows the end of the key alone.
        ("rename", {"name": "signed", "new_name": "signatures"}),
        (
            "rewrite",
            {"pattern": "print($A)", "replacement": f'log($A, "{GITHUB}")', "language": "python"},
        ),
        ("find_symbol", {"name": GITHUB}),
    )
    async with agent(shop) as one:
        for tool, given in questions:
            result = await one.session.call_tool(tool, given)
            said = json.dumps(result.structuredContent) + result.content[0].text
            for secret in (GITHUB, PASSWORD, KEY_LINE):
                assert secret not in said, (tool, given)
        assert "def connect" in (await one.ask("read_symbol", name="connect"))["code"]


async def test_ignored_files_stay_out(agent, shop):
    (shop / "drafts").mkdir()
    (shop / "drafts" / "idea.py").write_text(
        "from shop.cart import Cart\n\n\nclass Novelty(Cart):\n    pass\n"
    )
    (shop / ".aiignore").write_text("drafts/\n")
    async with agent(shop) as one:
        for tool, given in (
            ("find_symbol", {"name": "Novelty"}),
            ("references", {"name": "Cart"}),
            ("impact", {"target": "Cart"}),
            ("search", {"question": "novelty of a cart"}),
            ("lint", {}),
            ("rewrite", {"pattern": "Cart", "replacement": "Bag", "language": "python"}),
        ):
            result = await one.session.call_tool(tool, given)
            said = json.dumps(result.structuredContent)
            assert "idea.py" not in said, tool
            assert '"Novelty"' not in said.replace('"asked": "Novelty"', ""), tool
        assert "kept back" in await one.refused("outline", path="drafts/idea.py")
        # It counts as soon as nothing says otherwise.
        (shop / ".aiignore").unlink()
        assert (await one.ask("find_symbol", name="Novelty"))["status"] == "found"


async def test_an_untrusted_workspace_runs_nothing(agent, shop):
    canary = shop / "ran"
    (shop / ".nootropic").mkdir()
    (shop / ".nootropic" / "config.json").write_text(
        json.dumps({"python": {"environment": str(shop / "bin")}})
    )
    (shop / "bin").mkdir()
    for name in ("python", "git", "semgrep"):
        program = shop / "bin" / name
        program.write_text(f"#!/bin/sh\ntouch {canary}\n")
        program.chmod(0o755)
    (shop / "shop" / "__init__.py").write_text(f"open({str(canary)!r}, 'w')\n")
    async with agent(shop) as one:
        assert (await one.ask("find_symbol", name="Cart"))["status"] == "found"
        await one.ask("impact", target="Cart")
        await one.ask("lint", deadline_s=30)
    assert not canary.exists()


async def test_a_call_can_be_cancelled_and_holds_nothing_up(agent, tmp_path):
    types = pytest.importorskip("mcp.types")
    refusal = pytest.importorskip("mcp.shared.exceptions").McpError
    root = tmp_path / "many"
    root.mkdir()
    lines = "".join(f"x{n} = f(a{n}, sum([{n}]))\n" for n in range(2_000))
    for n in range(60):
        (root / f"module_{n}.py").write_text(f"def function_{n}():\n    pass\n\n\n{lines}")
    heard: list[tuple[float, str]] = []
    async with agent(root) as one:

        async def on_progress(progress: float, _total: float | None, message: str | None) -> None:
            heard.append((progress, message or ""))

        result = await one.session.call_tool(
            "find_symbol", {"name": "function_7"}, progress_callback=on_progress
        )
        assert result.structuredContent["status"] == "found"
        assert heard
        assert heard == sorted(heard, key=lambda each: each[0])
        assert heard[0][1].startswith("indexing: ")

        ended: list[str] = []
        number = one.session._request_id  # what the next request will have

        async def rewrite() -> None:
            given = {"pattern": "sum([$A])", "replacement": "$A", "language": "python"}
            try:
                await one.session.call_tool("rewrite", given)
            except refusal as error:
                ended.append(str(error))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(rewrite)
            await anyio.sleep(0.3)
            started = time.monotonic()
            found = await one.ask("find_symbol", name="function_8")
            assert found["status"] == "found"
            assert not ended
            await one.session.send_notification(
                types.ClientNotification(
                    types.CancelledNotification(
                        params=types.CancelledNotificationParams(requestId=number)
                    )
                )
            )
        assert ended == ["Request cancelled"]
        assert time.monotonic() - started < 10
