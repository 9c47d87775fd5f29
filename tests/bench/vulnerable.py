"""This file is where findings are measured on code with known answers.

    python tests/bench/vulnerable.py SUITE [--bandit PATH] [--show CATEGORY]

A suite is a folder with `truth.csv` (file, category, cwe, vulnerable); `file` may name a folder. A
case counts as found if any of its files has a finding of the category's codes. Printed are, per
category, the rates of true and of false findings and their difference.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

# By the number of the weakness: our codes, and those of bandit.
CODES: dict[int, tuple[str, str]] = {
    78: ("command-injection", "B602 B603 B604 B605 B606 B607 B609"),
    79: ("cross-site-scripting", "B701 B702 B703 B704"),
    89: ("sql-injection", "B608 B610 B611"),
    90: ("ldap-injection", ""),
    94: ("code-injection", "B102 B307"),
    22: ("path-traversal", "B202"),
    295: ("tls-off", "B501 B502 B503 B504 B323"),
    327: ("weak-cipher", "B304 B305 B413"),
    328: ("weak-hash", "B303 B324"),
    330: ("weak-random", "B311"),
    347: ("jwt-unverified", ""),
    501: ("trust-boundary", ""),
    502: ("unsafe-deserialisation unsafe-yaml-load", "B301 B302 B506 B403 B614"),
    601: ("open-redirect", ""),
    611: ("xml-external-entities", "B313 B314 B315 B316 B317 B318 B319 B320 B405 B406 B410"),
    614: ("insecure-cookie", ""),
    643: ("xpath-injection", ""),
    798: ("hard-coded-secret", "B105 B106 B107"),
    918: ("server-side-request-forgery", "B310"),
    943: ("nosql-injection nosql-script-injection", ""),
    1321: ("prototype-pollution", ""),
    1333: ("regex-denial-of-service", ""),
    1336: ("template-injection", ""),
}
# Other numbers under which suites keep the same weaknesses.
SAME = {95: 94, 77: 78, 73: 22, 730: 1333, 776: 611, 338: 330, 326: 327, 1004: 614}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("suite", type=Path)
    parser.add_argument("--bandit", help="measure this one beside ours")
    parser.add_argument("--show", default="", help="list what is wrong in a category, or `all`")
    arguments = parser.parse_args()
    cases = list(read(arguments.suite))
    print_table("ours", cases, ours(arguments.suite), arguments.show)
    if arguments.bandit:
        print_table("bandit", cases, bandit(arguments.bandit, arguments.suite), "")


def read(suite: Path) -> Iterator[tuple[str, str, int, bool]]:
    """The cases: file, category, weakness, whether it is there."""
    with (suite / "truth.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            cwe = int(row["cwe"])
            yield (row["file"], row["category"], SAME.get(cwe, cwe),
                   row["vulnerable"].strip().lower() == "true")  # fmt: skip


def ours(suite: Path) -> dict[str, set[str]]:
    """What `nootropic lint` says with all its defaults: our codes by file."""
    with tempfile.TemporaryDirectory() as folder:
        # A workspace of its own, so that nothing around the suite says what its files are.
        copy = Path(folder, "cases")
        shutil.copytree(suite, copy)
        before = os.times()
        command = [sys.executable, "-m", "nootropic_lsp", "lint", "--workspace", str(copy),
                   "--no-cache", "--deadline", "900", "--output-format", "jsonl"]  # fmt: skip
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        after = os.times()
        if done.returncode not in {0, 1}:
            sys.exit(f"lint ended with {done.returncode}")
        cost = after.children_user + after.children_system
        print(f"{cost - before.children_user - before.children_system:.1f} s of CPU")
        found: dict[str, set[str]] = defaultdict(set)
        for each in map(json.loads, done.stdout.splitlines()):
            found[str(copy / each["path"])].add(each["code"])
        return by_name(found, copy)


def bandit(program: str, suite: Path) -> dict[str, set[str]]:
    """Its codes by file."""
    done = subprocess.run([program, "-q", "-r", "-f", "json", str(suite)],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)  # fmt: skip
    found: dict[str, set[str]] = defaultdict(set)
    for each in json.loads(done.stdout)["results"]:
        found[each["filename"]].add(each["test_id"])
    return by_name(found, suite)


def by_name(found: dict[str, set[str]], suite: Path) -> dict[str, set[str]]:
    result: dict[str, set[str]] = defaultdict(set)
    for path, codes in found.items():
        parts = Path(path).relative_to(suite).parts
        for n_parts in range(1, len(parts) + 1):
            name = "/".join(parts[:n_parts])
            result[name] |= codes
            result[name.partition(".")[0]] |= codes
        result[Path(path).stem] |= codes
        result[Path(path).name] |= codes
    return result


def print_table(
    title: str, cases: list[tuple[str, str, int, bool]], found: dict[str, set[str]], show: str
) -> None:
    """A row per category, and the mean."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    wrong = []
    for name, category, cwe, is_there in cases:
        codes = set(CODES.get(cwe, ("", ""))[1 if title == "bandit" else 0].split())
        is_found = bool(codes & found.get(name, set()))
        row = counts[category]
        row[0 if is_there else 2] += 1
        row[1 if is_there else 3] += is_found
        if is_found != is_there and show in {"all", category}:
            wrong.append(f"  {'missed' if is_there else 'FALSE '} {name}")
    print(f"\n{title:12} {'cases':>6} {'TPR':>6} {'FPR':>6} {'score':>6}")
    rates = []
    for category, (n_there, n_true, n_not, n_false) in sorted(counts.items()):
        true, false = n_true / max(n_there, 1), n_false / max(n_not, 1)
        rates.append((true, false))
        n_cases = n_there + n_not
        print(f"{category:12} {n_cases:6} {true:6.2f} {false:6.2f} {true - false:+6.2f}")
    true = sum(each[0] for each in rates) / len(rates)
    false = sum(each[1] for each in rates) / len(rates)
    print(f"{'mean':12} {len(cases):6} {true:6.2f} {false:6.2f} {true - false:+6.2f}")
    print("\n".join(wrong))


if __name__ == "__main__":
    main()
