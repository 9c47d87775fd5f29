"""Changed texts as a unified diff that `git apply` and `patch` take."""

from __future__ import annotations

import difflib
import re

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def unified(shown: str, before: str, after: str, *, is_new: bool = False) -> str:
    """The diff of one file; "" if nothing has changed."""
    old = "/dev/null" if is_new else f"a/{shown}"
    lines = difflib.unified_diff(_LINE.findall(before), _LINE.findall(after), old, f"b/{shown}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
