"""This file is where templates whose text is known are written out as what they leave unescaped."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping

from nootropic_lsp.analysis.simplify.python.arguments import arguments_of
from nootropic_lsp.analysis.simplify.python.flow import Flow
from nootropic_lsp.analysis.simplify.python.values import Known, Page, Table, V, known, name

_HOLES = {
    "jinja": re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL),
    "bottle": re.compile(r"\{\{(.*?)\}\}", re.DOTALL),
    "mako": re.compile(r"\$\{(.*?)\}", re.DOTALL),
}
_ESCAPING = {
    "jinja": re.compile(r"\|\s*(?:e|escape|forceescape|tojson|urlencode|int|float|length|count)\b"),
    "mako": re.compile(r"\|[^|]*\b(?:h|u|x|entity)\b"),
}
_SAFE = re.compile(r"\|\s*safe\b")
_OFF = re.compile(r"\{%-?\s*autoescape\s+false")
_LOOP = re.compile(r"%\s*-?\s*for\s+([\w\s,]+?)\s+in\s+([^%:\n]+)")
_WORD = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*")
# The option that makes them escape; the last one's text says it by itself.
_SYNTAXES = {
    "jinja2.Template": ("jinja", "autoescape"),
    "mako.template.Template": ("mako", "default_filters"),
    "bottle.SimpleTemplate": ("bottle", ""),
}
_RENDERING = frozenset({"render", "render_async", "render_unicode", "generate"})
_KEPT_APART = frozenset({"get_template", "select_template", "from_string"})


def made(flow: Flow, node: ast.Call, dotted: str) -> V | None:
    """A template, or something that makes templates, from a call of its class."""
    match dotted:
        case "jinja2.Environment" | "jinja2.sandbox.SandboxedEnvironment":
            return V(node, Page(None, "jinja", _is_on(flow, node, "autoescape")))
        case "jinja2.Template" | "mako.template.Template" | "bottle.SimpleTemplate" if node.args:
            text = flow.ev(node.args[0])
            if isinstance(text.value, Known):
                syntax, option = _SYNTAXES[dotted]
                return V(node, Page(str(text.value.value), syntax, _is_on(flow, node, option)))
        case "flask.render_template_string" | "bottle.template" if node.args:
            text = flow.ev(node.args[0])
            is_flask = dotted.startswith("flask")
            if isinstance(text.value, Known) and (
                is_flask or re.search("[\n{%$]", str(text.value))
            ):
                syntax = "jinja" if is_flask else "bottle"
                page = Page(str(text.value.value), syntax, escapes=True)
                return _written(flow, ast.Call(node.func, node.args[1:], node.keywords), page)
    return None


def used(flow: Flow, node: ast.Call, page: Page, method: str) -> V | None:
    """A method of a template, or of what makes templates."""
    if method in _RENDERING:
        return _written(flow, node, page)
    if method in _KEPT_APART and node.args and page.syntax == "jinja":
        text = flow.ev(node.args[0]) if method == "from_string" else None
        if text is None:
            return V(node, page)
        if isinstance(text.value, Known):
            return V(node, Page(str(text.value.value), "jinja", page.escapes))
    return None


def _is_on(flow: Flow, node: ast.Call, option: str) -> bool:
    for each in node.keywords:
        if each.arg == option:
            value = flow.ev(each.value).value
            return not isinstance(value, Known) or bool(value.value)
        if each.arg is None:
            return True
    return False


def _written(flow: Flow, node: ast.Call, page: Page) -> V | None:
    """The page that is made: what is not escaped in it, one after the other."""
    given = arguments_of(flow, node, True)
    if given is None:
        return None
    positional, named = given
    rest = []
    for each in positional:
        thing = flow.thing(each)
        if isinstance(thing, Table) and thing.of is None:
            named = {**{str(key): v for key, v in thing.entries.items()}, **named}
        else:
            rest.append(each)
    if page.text is None and page.escapes:
        return V(ast.Call(name("render_template"), [flow.shown(each) for each in rest], []))
    bare = named.keys() if page.text is None else set(unescaped(page)) & named.keys()
    shown = [flow.shown(v) for key, v in named.items() if key in bare]
    if page.text is None or (set(unescaped(page)) - named.keys()):
        shown += [flow.shown(each) for each in rest]
    if not shown:
        return known("<p>")
    result: ast.expr = ast.Constant("<p>")
    for value in shown:
        result = ast.BinOp(result, ast.Add(), value)
    return V(result)


def unescaped(page: Page) -> Iterable[str]:
    """The names that a template writes as they are."""
    text = page.text or ""
    loops: Mapping[str, str] = {
        each: over for names, over in _LOOP.findall(text) for each in _WORD.findall(names)
    }
    escapes = page.escapes and not _OFF.search(text)
    for hole in _HOLES[page.syntax].findall(text):
        if page.syntax == "bottle":
            is_bare = hole.lstrip().startswith("!")
        elif escapes:
            is_bare = _SAFE.search(hole) is not None
        else:
            is_bare = _ESCAPING[page.syntax].search(hole) is None
        for word in _WORD.findall(hole.partition("|")[0]) if is_bare else ():
            yield word
            yield from _WORD.findall(loops.get(word, ""))
