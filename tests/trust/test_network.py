"""Nothing that runs here opens a connection to anything but a local socket."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from faults.house import House, make_shop, wait_until
from server.client import REAL

STRACE = shutil.which("strace")


def exercise(root: Path, command: tuple[str, ...]) -> None:
    """Two servers on a workspace, so that they talk to each other, and questions to both."""
    with House(root, command=command) as first, House(root, command=command) as second:
        first.begin_indexing()
        wait_until(first.is_complete, "the index", 60)
        second.begin_indexing()
        wait_until(second.is_complete, "the index", 60)
        second.open_file("shop.py")
        assert second.definition("shop.py", 4, 11) == [("cart.py", 0)]
        second.save("cart.py", "class Cart:\n    pass\n\n\nclass Wagon:\n    pass\n")
        wait_until(lambda: "Wagon" in first.symbols("Wagon"), "the new class", 60)
        assert second.leave() == 0
        assert first.leave() == 0


@pytest.mark.skipif(sys.platform != "linux" or STRACE is None, reason="needs strace")
def test_no_connection_by_the_calls_of_the_system(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop")
    assert STRACE
    trace = tmp_path / "trace"
    prefix = (STRACE, "-f", "-qq", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg,bind")
    works = subprocess.run((*prefix, "-o", str(trace), "true"), capture_output=True, check=False)
    if works.returncode:
        pytest.skip("strace may not trace here")
    for number, words in enumerate((("where", "Cart"), ("doctor",), ("impact", "cart.py"))):
        subprocess.run(
            (*prefix, "-o", f"{trace}{number}", *REAL[:-1], *words),
            cwd=root,
            check=False,
            capture_output=True,
            timeout=60,
        )
    exercise(root, (*prefix, "-o", str(trace), "-ff", *REAL))
    calls = [
        line
        for file in tmp_path.glob("trace*")
        for line in file.read_text(errors="replace").splitlines()
        # Without an address, a message stays between two of our own threads or processes.
        if re.search(r"\b(connect|bind)\(", line) or "sa_family" in line
    ]
    assert calls, "the servers did not even talk to each other"
    assert [line for line in calls if "AF_UNIX" not in line] == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs a network of its own")
def test_all_is_well_without_a_network(tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    works = unshare and subprocess.run((unshare, "-n", "true"), capture_output=True, check=False)
    if not unshare or not works or works.returncode:
        pytest.skip("no network can be taken away here")
    exercise(make_shop(tmp_path / "shop"), (unshare, "-n", *REAL))


def test_no_connection_by_the_audit_of_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everywhere, for the server itself and the command line."""
    root = make_shop(tmp_path / "shop")
    canary = tmp_path / "canary"
    monkeypatch.setenv("NOOTROPIC_TEST_CANARY", str(canary))
    audited = (sys.executable, str(Path(__file__).with_name("audited.py")), "-m", "nootropic_lsp")
    exercise(root, (*audited, "lsp"))
    for words in (("where", "Cart"), ("doctor",), ("index", "--rebuild")):
        subprocess.run((*audited, *words), cwd=root, check=False, capture_output=True, timeout=60)
    assert not canary.exists()
