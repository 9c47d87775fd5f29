"""What a call takes, shown while its arguments are typed."""

from __future__ import annotations

import re

from nootropic_lsp.core.documents import Document
from nootropic_lsp.core.spans import Span
from nootropic_lsp.core.symbols import Parameter, Signature
from nootropic_lsp.features.callable import Called, Sources, callables, slot_for
from nootropic_lsp.features.docstring import to_markdown
from nootropic_lsp.features.hover import documentation_of
from nootropic_lsp.features.parsed import parsed
from nootropic_lsp.features.snapshot import Snapshot
from nootropic_lsp.index.arguments import OpenCall, call_at
from nootropic_lsp.index.facts import Flag
from nootropic_lsp.index.opened import OpenText
from nootropic_lsp.index.units import Unit, written

# ":param name: text", "@param {type} name text" and "name (type): text".
_DESCRIBED = (
    r"^[ \t]*:param (?:[^:\n]* )?\*{{0,2}}{name}:[ \t]*(.+(?:\n[ \t]+[^:\s].*)*)",
    r"^[ \t]*@param[ \t]+(?:\{{[^}}]*\}}[ \t]+)?{name}\b[ \t]*-?[ \t]*(.+)",
    r"^[ \t]+\*{{0,2}}{name}(?:[ \t]*\([^)\n]*\))?:[ \t]*(.+(?:\n[ \t]{{6,}}\S.*)*)",
)


def signature_help(snapshot: Snapshot, path: str, offset: int) -> list[Signature]:
    """The signatures of the call around an offset, the likeliest first."""
    text = parsed(snapshot, path)
    call = call_at(text, offset) if text is not None else None
    if text is None or call is None:
        return []
    unit = snapshot.unit(path) or text.unit()
    sources = Sources(snapshot)
    found = _called(sources, unit, call)
    if not found and unit is not None and unit.errors:
        closed = _closed(text, offset)
        unit = closed.unit()
        sources = Sources(snapshot, unit, closed.document.text)
        found = _called(sources, unit, call)
    found.sort(key=lambda each: slot_for(each.slots, call.n_before, call.keyword) is None)
    return [_shown(sources, each, call) for each in found]


def _called(sources: Sources, unit: Unit | None, call: OpenCall) -> list[Called]:
    if unit is None:
        return []
    use = unit.use_at(call.callee_end)
    if use < 0 or unit.expressions[use][2] + len(written(unit.expressions[use])) != call.callee_end:
        return []
    return callables(sources, unit, use)


def _closed(text: OpenText, offset: int) -> OpenText:
    """The text as if the call were finished at the cursor.

    An open bracket can make the parser lose the function or class around it.
    """
    document = text.document
    before, after = document.text[:offset], document.text[offset:]
    rest = after.partition("\n")[0]
    # What stands on the rest of the line may belong to the call or not; it is not needed.
    mended = before.rstrip(", \t=") + ")" + after[len(rest) :]
    return OpenText(Document(document.path, document.language, document.version, mended), text)


def _shown(sources: Sources, called: Called, call: OpenCall) -> Signature:
    documentation = documentation_of(called.site, sources.text(called.site.unit))
    label = f"{called.name}("
    parameters: list[Parameter] = []
    seen_star = positional_only = False
    for number, slot in enumerate(called.slots):
        if positional_only and not slot.flags & Flag.POSITIONAL_ONLY:
            label += "/, "
        positional_only = bool(slot.flags & Flag.POSITIONAL_ONLY)
        if slot.flags & Flag.KEYWORD_ONLY and not seen_star:
            label += "*, "
        seen_star = seen_star or bool(slot.flags & (Flag.VARIADIC | Flag.KEYWORD_ONLY))
        start = len(label)
        label += slot.text
        about = _about(documentation, slot.name)
        parameters.append(Parameter(slot.name, Span(start, len(label)), about))
        if number + 1 < len(called.slots):
            label += ", "
    label += ", /)" if positional_only else ")"
    if called.returns:
        label += f" -> {called.returns}"
    active = slot_for(called.slots, call.n_before, call.keyword)
    return Signature(label, tuple(parameters), active, to_markdown(documentation))


def _about(documentation: str, name: str) -> str:
    """What a documentation says of a parameter."""
    if name not in documentation:
        return ""
    for pattern in _DESCRIBED:
        match = re.search(pattern.format(name=re.escape(name)), documentation, re.MULTILINE)
        if match is not None:
            return " ".join(match[1].split())
    return ""
