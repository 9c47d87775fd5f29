"""For programs of one's own: `json`, one document, and `jsonl`, a line per finding."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from nootropic_lsp.cli.reports.results import Results, counted, plain


class AsData(Mapping[str, Any]):
    """Everything as plain values, which are not made before somebody asks for them."""

    def __init__(self, results: Results) -> None:
        self._results = results

    def __getitem__(self, name: str) -> Any:
        results = self._results
        match name:
            case "files":
                return results.n_files
            case "problems":
                return list(results.problems)
            case "findings":
                return [plain(each, results) for each in results.found]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(("files", "problems", "findings"))

    def __len__(self) -> int:
        return 3


def as_json(results: Results) -> str:
    """One document."""
    whole = {"version": 1, "complete": results.is_complete, **AsData(results)}
    return json.dumps(whole, indent=2, ensure_ascii=False)


def as_jsonl(results: Results) -> str:
    """A line per finding."""
    return "\n".join(json.dumps(plain(each, results), ensure_ascii=False) for each in results.found)


def statistics_as_json(results: Results) -> str:
    """How often each rule has found something."""
    rows = [{"code": code, "count": n, "fixable": n_fixes} for code, n, n_fixes in counted(results)]
    whole = {"version": 1, "complete": results.is_complete, "statistics": rows}
    return json.dumps(whole, indent=2, ensure_ascii=False)
