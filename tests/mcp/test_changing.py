"""Changes: shown as diffs, and written only where that was allowed and nothing has changed since."""

from __future__ import annotations

from pathlib import Path

PATTERN = {
    "pattern": "self.lines.append($A)",
    "replacement": "self.lines.extend([$A])",
    "language": "python",
}


def contents(root: Path) -> dict[str, bytes]:
    """The files of a workspace but for our own index."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".nootropic" not in path.relative_to(root).parts
    }


async def test_a_preview_writes_nothing(agent, shop):
    before = contents(shop)
    async with agent(shop) as one:
        renamed = await one.ask("rename", name="Cart.total", new_name="sum_cents")
        diffs = {each["path"]: each["diff"] for each in renamed["files"]}
        assert "+    def sum_cents(self) -> int:" in diffs["shop/cart.py"]
        assert "+        return self.cart.sum_cents() + " in diffs["shop/orders.py"]
        rewritten = await one.ask("rewrite", **PATTERN)
        assert {each["path"] for each in rewritten["files"]} == {"shop/cart.py"}
        assert rewritten["may_apply"] is False
        recipes = {each["name"] for each in (await one.ask("rewrite"))["recipes"]}
        assert "format-to-fstring" in recipes
        for name, given in (("rename", {"name": "Cart", "new_name": "Bag"}), ("rewrite", PATTERN)):
            assert "--allow-edits" in await one.refused(
                name, **given, apply=True, base=renamed["base"]
            )
        assert "cannot be a name" in await one.refused("rename", name="Cart", new_name="class")
        assert "cannot be read as python" in await one.refused(
            "rewrite", pattern="f(", replacement="g", language="python"
        )
    assert contents(shop) == before


async def test_a_change_that_was_looked_at_is_made(agent, shop):
    async with agent(shop, "--allow-edits") as one:
        tools = {tool.name: tool for tool in (await one.session.list_tools()).tools}
        assert tools["rename"].annotations.destructiveHint is True
        assert tools["find_symbol"].annotations.readOnlyHint is True

        given = {"name": "Cart.total", "new_name": "sum_cents"}
        assert "look at one first" in await one.refused("rename", **given, apply=True)
        base = (await one.ask("rename", **given))["base"]
        done = await one.ask("rename", **given, apply=True, base=base)
        assert done["applied"] is True
        assert done["checkpoint"]
        assert "def sum_cents" in (shop / "shop" / "cart.py").read_text()
        assert "self.cart.sum_cents()" in (shop / "shop" / "orders.py").read_text()
        assert (await one.ask("find_symbol", name="Cart.sum_cents"))["status"] == "found"


async def test_a_file_that_has_changed_since_the_preview(agent, shop):
    cart = shop / "shop" / "cart.py"
    async with agent(shop, "--allow-edits") as one:
        for name, given in (
            ("rename", {"name": "Cart.total", "new_name": "sum_cents"}),
            ("rewrite", PATTERN),
        ):
            base = (await one.ask(name, **given))["base"]
            cart.write_text(cart.read_text() + "\n# Somebody else was here.\n")
            before = contents(shop)
            refused = await one.refused(name, **given, apply=True, base=base)
            assert "not those of that preview" in refused
            assert contents(shop) == before


async def test_what_agents_may_not_write(agent, shop):
    (shop / ".aiignore").write_text("shop/orders.py\n")
    before = contents(shop)
    async with agent(shop, "--allow-edits") as one:
        refused = await one.refused("rename", name="Cart.total", new_name="sum_cents")
        assert "ignore files keep back" in refused
    assert contents(shop) == before
