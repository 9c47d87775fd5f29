"""`nootropic lint`: the findings of the editor for a team's checks, in the form that each wants."""

from __future__ import annotations

import importlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nootropic_lsp.cli.answer import Answer
from nootropic_lsp.cli.output import count, without_colour
from nootropic_lsp.cli.progress import Bar
from nootropic_lsp.cli.reports import file as report_file
from nootropic_lsp.cli.workspace import folder, is_marked, root_for, warn
from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.core.findings import SEVERITIES
from nootropic_lsp.features.lint import linting
from nootropic_lsp.features.lint.linted import Linted, Located, Run
from nootropic_lsp.features.lint.targets import Targets, targets
from nootropic_lsp.safety.trust import is_trusted
from nootropic_lsp.settings.load import load
from nootropic_lsp.settings.options import PASSED_OVER, LintSettings, Settings

if TYPE_CHECKING:
    from nootropic_lsp.cli.reports.results import Results
    from nootropic_lsp.features.findings.fixing import FixedFile
    from nootropic_lsp.features.snapshot import Snapshot

CLEAN, FINDINGS, INCOMPLETE = 0, 1, 2
STDIN = "-"
_BASELINE = ".nootropic-baseline.json"
_REPORTS = "nootropic_lsp.cli.reports"
_MOST_PROBLEMS = 20
_FORMS = {
    "full": "text:full",
    "concise": "text:concise",
    "json": "data:as_json",
    "jsonl": "data:as_jsonl",
    "sarif": "sarif:sarif",
    "github": "github:github",
    "gitlab": "gitlab:gitlab",
    "junit": "junit:junit",
    "rdjson": "rdjson:rdjson",
}
_STATISTICS = {
    "full": "text:statistics",
    "concise": "text:statistics",
    "json": "data:statistics_as_json",
}


@dataclass(frozen=True)
class _Asked:
    """What the user asked for, made ready."""

    root: Path
    settings: Settings
    run: Run
    stdin: str | None
    paths: tuple[str, ...]
    force_exclude: bool

    def targets(self) -> Targets:
        return targets(self.root, self.paths, self.settings, force_exclude=self.force_exclude)

    def relative(self, path: str) -> str:
        return self.run.relative(path)


def lint(
    paths: Sequence[str] = (),
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    all: bool = False,
    output_format: str | None = None,
    output_file: str | None = None,
    fix: bool = False,
    unsafe_fixes: bool = False,
    diff: bool = False,
    fail_on: str | None = None,
    exit_zero: bool = False,
    baseline: str | None = None,
    write_baseline: bool = False,
    diff_base: str | None = None,
    stdin_filename: str | None = None,
    force_exclude: bool = False,
    statistics: bool = False,
    show_settings: bool = False,
    show_files: bool = False,
    no_cache: bool = False,
    allow_incomplete: bool = False,
    deadline: str | None = None,
    jobs: str | None = None,
    workspace: str | None = None,
    trust: bool = False,
) -> Answer:
    """The findings of some files, without any of the whole workspace; 0 is clean, 1 is not."""
    if statistics and (output_format or "full") not in _STATISTICS:
        raise NootropicError(f"--statistics is said as {', '.join(_STATISTICS)} only")
    root = _root(workspace, paths, stdin_filename)
    chosen = _settings(root, trust, _names(select), _names(ignore), all)
    with _house(root, chosen) as snapshot:
        run = Run(
            str(root),
            chosen,
            snapshot,
            _number(deadline, "--deadline", chosen.lint.deadline_s),
            round(_number(jobs, "--jobs", chosen.index.workers or min(4, os.cpu_count() or 1))),
            use_cache=not no_cache,
        )
        asked = _Asked(
            root, chosen, run, _stdin(paths, stdin_filename), tuple(paths), force_exclude
        )
        if show_settings:
            return _shown_settings(chosen)
        if show_files:
            return _shown_files(asked)
        if output_file is not None and not (diff or write_baseline):
            report_file.make_ready(output_file)
        is_wanted = _filter(asked, None if write_baseline else baseline, write_baseline, diff_base)
        results = _looked(asked, is_wanted)
        if write_baseline:
            return _written_baseline(asked, baseline, results)
        wants_unsafe = unsafe_fixes and (fix or diff)
        if diff:
            return _differences(asked, results, unsafe=wants_unsafe)
        if fix and asked.stdin is not None:
            results = _fixed_stdin(asked, results, is_wanted, unsafe=wants_unsafe)
            # Standard output belongs to the text.
            answer = _aside(_report(results, output_format or "concise", statistics, output_file))
        else:
            if fix:
                results = _fixed(asked, results, is_wanted, unsafe=wants_unsafe)
            answer = _report(results, output_format or "full", statistics, output_file)
    is_bad = _fails(results.found, fail_on) and not exit_zero
    code = FINDINGS if is_bad else CLEAN
    if not results.is_complete and not allow_incomplete:
        code = INCOMPLETE
    return replace(answer, code=code)


# ---- what is asked


def _root(workspace: str | None, paths: Sequence[str], stdin_filename: str | None) -> Path:
    if workspace is not None:
        return folder(workspace)
    named = [Path(each).expanduser().resolve() for each in paths if each != STDIN]
    if stdin_filename is not None:
        named.append(Path(stdin_filename).resolve())
    here = root_for(None)
    # A folder that is no workspace may hold anything, and all of it would be looked through.
    if not named or (is_marked(here) and any(each.is_relative_to(here) for each in named)):
        return here
    return root_for(None, named[0] if named[0].is_dir() else named[0].parent)


def _settings(
    root: Path, trust: bool, select: Sequence[str], ignore: Sequence[str], everything: bool
) -> Settings:
    chosen, problems = load(root, trusted=trust or is_trusted(root))
    for problem in problems:
        warn(problem)
    given: LintSettings = chosen.lint
    for name in linting.unknown_names((*given.select, *given.ignore, *given.severities)):
        warn(f'the settings name "{name}", which is neither a rule nor a pack')
    return linting.narrowed(chosen, select, ignore, everything=everything)


def _names(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(name.strip() for each in given for name in each.split(",") if name.strip())


def _number(given: str | None, option: str, default: float) -> float:
    if given is None:
        return default
    try:
        number = float(given)
    except ValueError:
        number = 0.0
    if not 0 < number <= 86_400:
        raise NootropicError(f"{option} {given} is not a number above 0")
    return number


def _stdin(paths: Sequence[str], filename: str | None) -> str | None:
    """The path of the text on standard input, None if that is not asked for."""
    if STDIN not in paths and filename is None:
        return None
    if len(paths) > 1 or (paths and STDIN not in paths):
        raise NootropicError("standard input is one text; do not name files beside it")
    if filename is None:
        raise NootropicError("name the text on standard input: `- --stdin-filename FILE`")
    return str(Path(filename).expanduser().resolve())


@contextmanager
def _house(root: Path, chosen: Settings) -> Iterator[Callable[[str], Snapshot]]:
    """A way to a picture of the workspace, for when it is needed; it costs a while."""
    with ExitStack() as open_ones:

        def snapshot(needed: str) -> Snapshot:
            open_ones.close()
            app = importlib.import_module("nootropic_lsp.app").App(chosen, [str(root)])
            open_ones.callback(app.close_all)
            if needed != "nothing":
                with Bar("indexing") as bar:
                    app.index(bar.show, resolve=needed == "edges")
            picture: Snapshot = app.snapshot()
            return picture

        yield snapshot


# ---- looking


def _looked(asked: _Asked, is_wanted: _Filter) -> Results:
    with Bar("linting") as bar:
        run = replace(asked.run, on_progress=bar.show)
        if asked.stdin is not None:
            text = sys.stdin.buffer.read()
            linted, shown = linting.lint_text(run, asked.stdin, text)
            return _results(asked, linted, is_wanted, texts={asked.stdin: shown})
        found = asked.targets()
        return _results(asked, linting.lint(run, found), is_wanted, notes=found.notes)


def _results(
    asked: _Asked,
    linted: Linted,
    is_wanted: _Filter,
    *,
    texts: dict[str, str] | None = None,
    notes: Sequence[str] = (),
) -> Results:
    from nootropic_lsp.cli.reports.results import Results  # noqa: PLC0415 -- after a quick answer

    results = Results(
        str(asked.root),
        linted.found,
        linted.n_files,
        tuple(linted.problems),
        linted.is_complete,
        texts or {},
        tuple(notes),
    )
    kept, hidden = is_wanted(results)
    return replace(results, found=kept, notes=(*notes, *_passed_over(linted), *hidden))


def _passed_over(linted: Linted) -> Iterator[str]:
    """What nobody edits, and how it is looked at nevertheless."""
    counts = {kind: linted.passed_over[kind] for kind in PASSED_OVER if kind in linted.passed_over}
    if counts:
        kinds = ", ".join(f"{n:,} {kind}" for kind, n in counts.items())
        total = count(sum(counts.values()), "file")
        yield f"{total} passed over ({kinds}); name one, or set lint.passOver, to see its findings"


_Filter = Callable[["Results"], tuple[list[Located], list[str]]]


def _filter(
    asked: _Asked, baseline: str | None, is_new_baseline: bool, diff_base: str | None
) -> _Filter:
    """Which findings are wanted, and what is to be said of the others."""
    file = _baseline_file(asked, baseline)
    known: frozenset[str] = frozenset()
    if file is not None and not is_new_baseline:
        known = importlib.import_module("nootropic_lsp.features.lint.baseline").read_baseline(file)
    added = None
    if diff_base is not None:
        module = importlib.import_module("nootropic_lsp.features.lint.added")
        added = module.Added(str(asked.root), diff_base)

    def is_wanted(results: Results) -> tuple[list[Located], list[str]]:
        notes = []
        found = list(results.found)
        if known:
            new = [each for each in found if each.fingerprint not in known]
            if len(new) < len(found):
                notes.append(f"{count(len(found) - len(new), 'known finding')} in the baseline")
            gone = len(known - {each.fingerprint for each in found})
            if gone and not asked.paths:
                notes.append(f"{count(gone, 'finding')} of the baseline no longer there")
            found = new
        if added is not None:
            by_path = {
                path: added.lines(path, results.text(path) or "")
                for path in {each.path for each in found}
            }
            new = [each for each in found if _is_added(each, by_path[each.path])]
            if len(new) < len(found):
                notes.append(
                    f"{count(len(found) - len(new), 'finding')} on lines that were there before"
                )
            found = new
        return found, notes

    return is_wanted


def _is_added(each: Located, lines: frozenset[int] | None) -> bool:
    return lines is None or any(
        line in lines for line in range(each.start[0], max(each.start[0], each.end[0]) + 1)
    )


def _baseline_file(asked: _Asked, given: str | None) -> Path | None:
    if given is not None:
        return Path(given).expanduser()
    named = asked.settings.lint.baseline
    return asked.root / named if named else None


# ---- answers


def _report(
    results: Results, output_format: str, statistics: bool, output_file: str | None
) -> Answer:
    forms = _STATISTICS if statistics else _FORMS
    module, _, name = forms[output_format].partition(":")
    write = getattr(importlib.import_module(f"{_REPORTS}.{module}"), name)
    text: str = write(results)
    data = importlib.import_module(f"{_REPORTS}.data").AsData(results)
    if output_file is not None:
        report_file.write(output_file, without_colour(text) + "\n")
        text = importlib.import_module(f"{_REPORTS}.text").summary(results)
    return Answer(
        text,
        data,
        note=_said(results.problems),
        incomplete=None if results.is_complete else "not everything was looked at",
    )


def _aside(answer: Answer) -> Answer:
    """An answer that is said on standard error."""
    note = "\n".join(filter(None, (without_colour(answer.text), answer.note)))
    return replace(answer, text="", note=note)


def _said(problems: Sequence[str]) -> str:
    """The first problems; reports that machines read have all of them."""
    lines = list(problems[:_MOST_PROBLEMS])
    if len(problems) > len(lines):
        lines.append(f"… and {len(problems) - len(lines):,} more problems")
    return "\n".join(lines)


def _fails(found: Sequence[Located], fail_on: str | None) -> bool:
    least = SEVERITIES.index(fail_on) if fail_on else len(SEVERITIES) - 1
    return any(SEVERITIES.index(each.finding.severity) <= least for each in found)


def _shown_settings(chosen: Settings) -> Answer:
    values = asdict(chosen.lint)
    rows = [f"lint.{name} = {value!r}" for name, value in values.items()]
    return Answer("\n".join(rows), {"lint": values, "trusted": chosen.trusted})


def _shown_files(asked: _Asked) -> Answer:
    names = [asked.relative(each.path) for each in asked.targets().chosen]
    return Answer("\n".join(names), {"files": names})


def _written_baseline(asked: _Asked, given: str | None, results: Results) -> Answer:
    file = _baseline_file(asked, given) or asked.root / _BASELINE
    module = importlib.import_module("nootropic_lsp.features.lint.baseline")
    module.write_baseline(file, results.found, asked.relative)
    said = f"{count(len(results.found), 'finding')} written to {file}"
    if not asked.settings.lint.baseline:
        said += "; `--baseline` with this file, or the setting lint.baseline, leaves them out"
    return Answer(
        said,
        {"baseline": str(file), "findings": len(results.found)},
        code=CLEAN if results.is_complete else INCOMPLETE,
        note=_said(results.problems),
    )


# ---- fixes


def _differences(asked: _Asked, results: Results, *, unsafe: bool) -> Answer:
    """What fixes would change, as a diff."""
    painted = importlib.import_module("nootropic_lsp.cli.changes").painted
    diff_lines = importlib.import_module("nootropic_lsp.features.diffs").diff_lines
    files = list(_fixed_files(asked, results, unsafe=unsafe))
    changed = [each for each in files if each.after != each.before]
    lines = [
        painted(line)
        for each in changed
        for line in diff_lines(asked.relative(each.path), each.before, each.after)
    ]
    return Answer(
        "\n".join(lines),
        {"changed": [asked.relative(each.path) for each in changed], "diff": "\n".join(lines)},
        code=INCOMPLETE if not results.is_complete else FINDINGS if changed else CLEAN,
        note="\n".join(
            filter(None, (_said(results.problems), _would_change(results, len(changed), unsafe)))
        ),
    )


def _would_change(results: Results, n_files: int, unsafe: bool) -> str:
    fixes = [each.finding.fix for each in results.found if each.finding.fix]
    n_unsafe = sum(not fix.is_safe for fix in fixes)
    more = f"; `--unsafe-fixes` puts {n_unsafe:,} more right" if n_unsafe and not unsafe else ""
    return f"{count(n_files, 'file')} would change{more}"


def _fixed(asked: _Asked, results: Results, is_wanted: _Filter, *, unsafe: bool) -> Results:
    """What is left after the fixes were written."""
    fixing = importlib.import_module("nootropic_lsp.features.findings.fixing")
    problems, codes = [], Counter[str]()
    for each in _fixed_files(asked, results, unsafe=unsafe):
        if each.after == each.before:
            continue
        problem = fixing.write_fixed(each)
        if problem:
            problems.append(problem)
        else:
            codes.update(each.codes)
    if codes:
        results = _looked(asked, is_wanted)
        results = replace(
            results, notes=(*results.notes, f"{count(codes.total(), 'finding')} put right")
        )
    return replace(results, problems=(*results.problems, *problems))


def _fixed_stdin(asked: _Asked, results: Results, is_wanted: _Filter, *, unsafe: bool) -> Results:
    """What is left of the findings of standard input; the text goes to standard output."""
    assert asked.stdin is not None
    text = results.texts[asked.stdin]
    for each in _fixed_files(asked, results, unsafe=unsafe):
        text = each.after
    data = text.encode("utf-8", "surrogatepass")
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    linted, shown = linting.lint_text(asked.run, asked.stdin, data)
    return _results(asked, linted, is_wanted, texts={asked.stdin: shown})


def _fixed_files(asked: _Asked, results: Results, *, unsafe: bool) -> Iterator[FixedFile]:
    wanted = {
        each.path: None
        for each in results.found
        if each.finding.fix and (unsafe or each.finding.fix.is_safe)
    }
    if not wanted:
        return
    allowed = frozenset(each.fingerprint for each in results.found)
    yield from linting.fixed_files(asked.run, list(wanted), results.texts, allowed, unsafe=unsafe)
