"""What a finding is known by from run to run: its rule, its file and the line it is in.

Not by the number of that line, nor by its spaces, so that it stays the same when text above it
comes or goes and when code is indented anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

from nootropic_lsp.core.findings import Finding
from nootropic_lsp.core.spans import Lines

# Lines of minified files are long, and all of them would be hashed for each finding.
_LONGEST_LINE = 2_000


def fingerprints(findings: Iterable[Finding], relative: str, text: str, lines: Lines) -> list[str]:
    """A fingerprint for each finding of a file, given in the order of the text.

    Equal findings in equal lines are told apart by their order. `relative` is the path inside
    the workspace, with "/".
    """
    seen: Counter[str] = Counter()
    found = []
    for finding in findings:
        number = lines.line_of(finding.span.start)
        start = lines.starts[number]
        end = lines.starts[number + 1] if number + 1 < len(lines) else len(text)
        line = " ".join(text[start : min(end, start + _LONGEST_LINE)].split())
        same = f"{finding.code}\0{relative}\0{line}"
        key = f"{same}\0{seen[same]}".encode("utf-8", "surrogatepass")
        seen[same] += 1
        found.append(blake2b(key, digest_size=16).hexdigest())
    return found
