"""Each tool as the official client sees it, over standard input and output of a real process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from nootropic_lsp.cli.main import main

TOOLS = {
    "find_symbol",
    "read_symbol",
    "outline",
    "references",
    "impact",
    "search",
    "lint",
    "rename",
    "rewrite",
}


async def test_what_there_is(agent, shop):
    async with agent(shop) as one:
        tools = (await one.session.list_tools()).tools
    assert {tool.name for tool in tools} == TOOLS
    for tool in tools:
        assert tool.annotations.readOnlyHint is True
        assert tool.annotations.openWorldHint is False
        assert tool.outputSchema["required"] == ["complete", "reason"]
        assert "apply" not in tool.inputSchema["properties"]
        # Facts, no orders.
        assert not {"ALWAYS", "MUST", "always", "never", "prefer"} & set(tool.description.split())


async def test_symbols_by_name(agent, shop):
    async with agent(shop) as one:
        found = await one.ask("find_symbol", name="Cart")
        (cart,) = found["symbols"]
        assert (cart["path"], cart["kind"], cart["line"]) == ("shop/cart.py", "class", 25)
        assert cart["signature"].endswith("class Cart")
        assert cart["summary"] == "The lines of one customer, in the order they were added."
        assert found["complete"] is True

        code = await one.ask("read_symbol", name="shop.cart.Cart.total")
        assert code["code"].splitlines()[0] == "    def total(self) -> int:"
        assert code["code"].endswith("for line in self.lines)")
        cut = await one.read("read_symbol", name="shop.cart.Cart.total", max_lines=1)
        assert "… cut: 2 more lines" in cut

        # What a package takes from its modules is found by the name of the package.
        assert (await one.ask("read_symbol", name="shop.Cart"))["symbol"]["name"] == "Cart"
        names = {
            each["name"] for each in (await one.ask("outline", path="shop/cart.py"))["symbols"]
        }
        assert {"Line", "Cart", "total"} <= names


async def test_a_name_that_is_not_clear(agent, shop):
    async with agent(shop) as one:
        unclear = await one.ask("references", name="total")
        assert unclear["status"] == "ambiguous"
        where = {(each["path"], each["name"]) for each in unclear["candidates"]}
        assert {("shop/cart.py", "Cart.total"), ("shop/orders.py", "Order.total")} <= where
        assert "references" not in unclear
        text = await one.read("rename", name="total", new_name="sum")
        assert "shop/orders.py" in text
        assert "+++" not in text

        clear = await one.ask("references", name="total", path="shop/orders.py")
        assert clear["symbol"]["name"] == "Order.total"

        unknown = await one.ask("find_symbol", name="Crat")
        assert unknown["similar"] == ["Cart"]
        assert await one.read("impact", target="Crat") == (
            "nothing here is called Crat; did you mean Cart?"
        )


async def test_uses(agent, shop):
    async with agent(shop) as one:
        found = await one.ask("references", name="Cart.total")
        spots = {(each["path"], each["in"], each["role"]) for each in found["references"]}
        assert ("shop/orders.py", "Order.total", "call") in spots
        assert ("shop/orders.py", "Order.pay", "call") not in spots
        (line,) = (each["code"] for each in found["references"] if each["in"] == "Order.total")
        assert line == "return self.cart.total() + self.carrier.fee_cents(self.cart)"
        few = await one.read("references", name="Cart", limit=1)
        assert "… cut:" in few

        # `it` may be a cart: nobody knows, so it is neither among the uses nor kept from the agent.
        (shop / "shop" / "unknown.py").write_text("def f(it):\n    return it.weight_grams()\n")
        weighed = await one.ask("references", name="Cart.weight_grams")
        assert [each["path"] for each in weighed["possible"]] == ["shop/unknown.py"]

        broken = await one.ask("impact", target="Cart.total")
        assert "Order.total" in {each["name"] for each in broken["groups"]["callers"]["items"]}
        by_file = await one.ask("impact", target="shop/cart.py")
        assert {"path": "shop/orders.py"} in by_file["groups"]["importers"]["items"]


async def test_search_and_lint(agent, shop):
    async with agent(shop) as one:
        hits = (await one.ask("search", question="sum of all lines of a cart"))["hits"]
        best = next(each for each in hits if each["path"] == "shop/cart.py")
        assert best["name"] == "Cart.total"
        assert "def total" in best["code"]
        assert best["reasons"]

        found = await one.ask("lint", paths=["shop/search.py"], select=["security"])
        assert {each["path"] for each in found["findings"]} <= {"shop/search.py"}
        (shop / "shop" / "broken.py").write_text("import os\n\n\ndef f(:\n    pass\n")
        broken = await one.ask("lint", paths=["shop/broken.py"])
        assert broken["findings"][0]["rule"] == "syntax"
        assert broken["findings"][0]["severity"] == "error"
        assert "syntaks is neither a rule" in await one.refused("lint", select=["syntaks"])


async def test_files_that_change_under_it(agent, shop):
    cart = shop / "shop" / "cart.py"
    async with agent(shop) as one:
        assert (await one.ask("find_symbol", name="Cart"))["symbols"][0]["line"] == 25
        cart.write_text("# A line more.\n" + cart.read_text().replace("class Line", "class Row"))
        assert (await one.ask("find_symbol", name="Cart"))["symbols"][0]["line"] == 26
        assert (await one.ask("find_symbol", name="Row"))["status"] == "found"
        assert (await one.ask("find_symbol", name="Line", path="shop"))["status"] != "found"
        cart.unlink()
        assert (await one.ask("read_symbol", name="Cart"))["status"] == "unknown"


async def test_what_is_not_there_or_not_ours(agent, shop, tmp_path):
    (tmp_path / "secret.py").write_text("class Hidden:\n    pass\n")
    (shop / "way_out.py").symlink_to(tmp_path / "secret.py")
    async with agent(shop) as one:
        for path in ("../secret.py", str(tmp_path / "secret.py"), "way_out.py", "shop/../.."):
            assert "outside of the workspace" in await one.refused("outline", path=path)
            assert "outside" in await one.refused("lint", paths=[path])
            assert "outside" in await one.refused("find_symbol", name="Hidden", path=path)
            assert "outside" in await one.refused(
                "rewrite", pattern="$A", replacement="$A", language="python", paths=[path]
            )
        assert (await one.ask("find_symbol", name="Hidden"))["status"] == "unknown"
        assert "outside" in await one.refused("impact", target="../secret.py")
        assert "there is no" in await one.refused("outline", path="shop/nothing.py")
        assert "required property" in await one.refused("find_symbol")
        assert "takes name, path" in await one.refused("find_symbol", name="Cart", line=3)
        assert "there is no tool" in await one.refused("format_disk")


def test_standard_output_is_for_the_protocol_alone(shop):
    ended = subprocess.run(
        [sys.executable, "-m", "nootropic_lsp", "mcp", str(shop)],
        input="no JSON at all\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0
    assert all(line.startswith('{"') for line in ended.stdout.splitlines())


def test_without_the_package(shop, tmp_path):
    # A package of that name which cannot be found, as if nothing were installed.
    code = (
        "import importlib.util, sys; real = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name == 'mcp' else real(name)\n"
        "from nootropic_lsp.cli.main import main; sys.exit(main(['mcp', sys.argv[1]]))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(shop)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert ended.returncode == 2
    assert ended.stderr == (
        "nootropic: `nootropic mcp` needs the package mcp: pip install 'nootropic-lsp[mcp]'\n"
    )


@pytest.mark.parametrize("word", ["--allow-edits", "--trust"])
def test_options_are_declared(word, capsys):
    with pytest.raises(SystemExit):
        main(["mcp", "--help"])
    assert word in capsys.readouterr().out
