"""Questions from a shell, asked of the sample shop on a real index."""

from __future__ import annotations

from pathlib import Path

import pytest

from nootropic_lsp.app import App

QUESTIONS = [
    ["where", "Cart"],
    ["refs", "Cart.total"],
    ["callers", "Cart.total"],
    ["impact", "Cart.total"],
    ["impact", "shop/cart.py"],
    ["outline", "shop/cart.py"],
    ["search", "total of a cart"],
    ["index"],
    ["list-capabilities"],
]


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_json_and_yaml_say_the_same(words, shop, type_):
    type_("index")
    as_json = type_(*words, "--json")
    as_yaml = type_(*words, "--yaml")
    assert as_json.code == as_yaml.code == 0
    # How long it took is never the same twice.
    assert as_json.json | {"seconds": 0} == as_yaml.yaml | {"seconds": 0}
    assert as_json.json["complete"] is True
    assert as_json.json["reason"] is None


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_people_get_text(words, shop, type_):
    typed = type_(*words)
    assert typed.code == 0
    assert typed.out.strip()
    assert "\x1b" not in typed.out


def test_where(shop, type_):
    assert type_("where", "Cart").out == "shop/cart.py:25:7  class  Cart\n"


def test_where_with_dots(shop, type_):
    (line,) = type_("where", "Cart.total").out.splitlines()
    assert line.split() == ["shop/cart.py:37:9", "method", "Cart.total"]


def test_where_from_a_folder_inside(shop, type_, monkeypatch):
    monkeypatch.chdir(shop / "web")
    assert type_("where", "Cart").out.startswith(str(Path("..", "shop", "cart.py")))


def test_an_unknown_name_suggests_others(shop, type_):
    typed = type_("where", "Crat")
    assert (typed.code, typed.out) == (1, "")
    assert typed.err == "nothing here is called Crat; did you mean Cart?\n"
    assert type_("where", "Crat", "--json").json["similar"] == ["Cart"]


def test_refs(shop, type_):
    data = type_("refs", "Cart.total", "--json").json
    (symbol,) = data["symbols"]
    spots = {(each["path"], each["line"]) for each in symbol["references"]}
    assert (
        str(Path("shop", "orders.py")),
        line_of(shop, "shop/orders.py", "self.cart.total()"),
    ) in spots
    # Order.total has the same last name, and is somebody else.
    paid = line_of(shop, "tests/test_orders.py", "order.pay(order.total())")
    assert (str(Path("tests", "test_orders.py")), paid) not in spots


def line_of(shop, path, text):
    """The line of a file, from 1, that holds a text."""
    lines = Path(shop, path).read_text().split("\n")
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_callers(shop, type_):
    data = type_("callers", "Cart.total", "--json").json
    names = {each["qualified"] for each in data["symbols"][0]["callers"]}
    assert {"Order.total", "Post.fee_cents"} <= names


def test_impact_of_a_method_reaches_the_tests(shop, type_):
    typed = type_("impact", "Cart.weight_grams")
    assert "Courier.fee_cents" in typed.out
    assert "test_who_pays_the_total_has_paid" in typed.out


def test_impact_of_a_file_names_who_imports_it(shop, type_):
    assert str(Path("shop", "orders.py")) in type_("impact", "shop/shipping.py").out


def test_outline(shop, type_):
    data = type_("outline", "shop/cart.py", "--json").json
    (cart,) = [each for each in data["symbols"] if each["name"] == "Cart"]
    assert {"add", "total"} <= {each["name"] for each in cart["children"]}


def test_an_empty_folder_has_nothing_to_index(tmp_path, type_):
    typed = type_("index", str(tmp_path))
    assert typed.code == 1
    assert "no file of a known language" in typed.err


def test_doctor(shop, type_):
    data = type_("doctor", "--json").json
    assert data["problems"] == []
    assert data["trusted"] is False
    assert {"python", "typescript"} <= set(data["languages"])


def test_doctor_names_what_an_untrusted_workspace_may_not_set(shop, type_):
    (shop / ".nootropic.json").write_text('{"python.environment": "/evil"}')
    typed = type_("doctor", "--json")
    assert typed.code == 1
    assert any("python.environment" in each for each in typed.json["problems"])
    assert type_("doctor", "--trust", "--json").json["problems"] == []


def test_capabilities_are_written_for_other_tools(shop, type_):
    typed = type_("list-capabilities", "--json")
    registry = shop / ".nootropic-cache" / "describe-registry.json"
    assert '"where"' in registry.read_text()
    assert (registry.parent / ".gitignore").read_text() == "*\n"
    assert typed.json["features"]["hover"] is True


def test_trust_and_revoke(shop, type_):
    assert type_("trust", ".").code == 0
    assert type_("doctor", "--json").json["trusted"] is True
    assert type_("trust", ".", "--revoke").code == 0
    assert type_("trust", ".", "--revoke").code == 1


def test_impact_says_when_edges_are_missing(shop, type_):
    index = App.index

    def read_only(app, progress=None, **_):
        index(app, progress, resolve=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(App, "index", read_only)
        asked = type_("impact", "Cart.weight_grams", "--json").json
        # A question about one symbol finds out for itself.
        uses = type_("refs", "Cart.weight_grams", "--json").json
    assert not asked["complete"]
    assert "nootropic index" in asked["reason"]
    assert uses["complete"]
    found = type_("refs", "Cart.weight_grams", "--json").json
    assert uses["symbols"][0]["references"] == found["symbols"][0]["references"] != []


def test_search(shop, type_):
    typed = type_("search", "total of a cart", "--limit", "1")
    first, *_, why = typed.out.splitlines()
    assert first.split() == ["shop/cart.py:37:5", "method", "Cart.total"]
    assert why.startswith("  why: `total`, `cart` in its name or place; like the question in ")
    (hit,) = type_("search", "total of a cart", "--limit", "1", "--json").json["hits"]
    assert hit["text"].splitlines()[0] == "def total(self) -> int:"
    assert (hit["line"], hit["end_line"]) == (37, 39)


@pytest.mark.parametrize("limit", ["0", "many", "101"])
def test_search_with_a_limit_that_is_none(limit, shop, type_):
    typed = type_("search", "cart", "--limit", limit)
    assert typed.code == 2
    assert "--limit takes a number from 1 to 100" in typed.err


def test_search_without_an_answer(shop, type_):
    typed = type_("search", "zebra crossing")
    assert (typed.code, typed.out) == (1, "")
    assert typed.err == "no passage has any of these words; try others\n"
    assert type_("search", " ").code == 2
