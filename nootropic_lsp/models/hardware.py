"""What this machine has to run models on: cores, memory, graphics cards, room on the disk."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# A driver that hangs must not hold up who only wants to know what is there.
TOOL_DEADLINE_S = 1.0

_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics card that models can run on."""

    name: str
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Hardware:
    """What a machine has. With `is_unified`, the graphics card uses the memory of the machine."""

    n_cores: int
    ram_bytes: int
    ram_available_bytes: int
    disk_free_bytes: int
    gpus: tuple[Gpu, ...] = ()
    is_unified: bool = False
    system: str = ""

    @property
    def gpu_bytes(self) -> int:
        """The memory of the largest graphics card, 0 without one."""
        return max((each.memory_bytes for each in self.gpus), default=0)


@dataclass(frozen=True, slots=True)
class Probe:
    """How the machine is asked, so that tests can be another one."""

    system: str = sys.platform
    machine: str = field(default_factory=platform.machine)
    run: Callable[[Sequence[str]], str] = field(default_factory=lambda: Tools().run)
    read: Callable[[str], str] = field(default_factory=lambda: _read)
    free: Callable[[], int] = field(default_factory=lambda: _free)
    cores: Callable[[], int] = field(default_factory=lambda: _cores)
    # Total and available bytes, where the system is asked by a call.
    memory: Callable[[], tuple[int, int]] = field(default_factory=lambda: _memory_by_call)


@dataclass(frozen=True, slots=True)
class Tools:
    """Programs of this machine, none of them from inside `avoid`.

    A workspace may bring an `nvidia-smi` of its own, and may be in PATH.
    """

    avoid: Path | None = None
    deadline_s: float = TOOL_DEADLINE_S
    folders: tuple[str, ...] = field(default_factory=lambda: tuple(os.get_exec_path()))

    def run(self, command: Sequence[str]) -> str:
        """What a program prints; "" if it is not there, fails, or is not done in time."""
        program = self.find(command[0])
        if program is None:
            return ""
        try:
            done = subprocess.run(
                [str(program), *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self.deadline_s,
                cwd=program.parent,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""

    def find(self, name: str) -> Path | None:
        """Where a program is, by the absolute folders of PATH."""
        avoid = None if self.avoid is None else self.avoid.resolve()
        for folder in map(Path, self.folders):
            candidate = folder / (f"{name}.exe" if sys.platform == "win32" else name)
            if not folder.is_absolute() or not os.access(candidate, os.X_OK):
                continue
            real = candidate.resolve()
            is_inside = avoid is not None and (
                real.is_relative_to(avoid) or folder.resolve().is_relative_to(avoid)
            )
            if real.is_file() and not is_inside:
                return candidate
        return None


def look(probe: Probe | None = None, *, workspace: Path | None = None) -> Hardware:
    """What this machine has. It may start programs, so it takes up to a few seconds."""
    probe = probe or Probe(run=Tools(avoid=workspace).run)
    total, available = _memory(probe)
    is_unified = probe.system == "darwin" and probe.machine == "arm64"
    return Hardware(
        n_cores=probe.cores(),
        ram_bytes=total,
        ram_available_bytes=available,
        disk_free_bytes=probe.free(),
        gpus=_gpus(probe, total, is_unified=is_unified),
        is_unified=is_unified,
        system=probe.system,
    )


def _gpus(probe: Probe, ram_bytes: int, *, is_unified: bool) -> tuple[Gpu, ...]:
    if probe.system == "darwin":
        text = probe.run(("system_profiler", "-json", "SPDisplaysDataType"))
        return mac_gpus(text, ram_bytes if is_unified else 0)
    query = ("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
    return nvidia_gpus(probe.run(query)) or amd_gpus(
        probe.run(("rocm-smi", "--showproductname", "--showmeminfo", "vram", "--json"))
    )


def nvidia_gpus(text: str) -> tuple[Gpu, ...]:
    """The cards in what `nvidia-smi` prints as CSV, memory in MiB."""
    rows = (line.rpartition(",") for line in text.splitlines())
    return tuple(
        Gpu(name.strip(), int(mib.strip()) << 20)
        for name, _, mib in rows
        if name.strip() and mib.strip().isdecimal()
    )


def amd_gpus(text: str) -> tuple[Gpu, ...]:
    """The cards in the JSON of `rocm-smi`."""
    cards = _json(text)
    return tuple(
        Gpu(
            str(card.get("Card Series") or card.get("Card series") or name),
            _number(card.get("VRAM Total Memory (B)")),
        )
        for name, card in sorted(cards.items())
        if name.startswith("card") and isinstance(card, dict)
    )


def mac_gpus(text: str, unified_bytes: int) -> tuple[Gpu, ...]:
    """The cards in the JSON of `system_profiler`; with unified memory they have all of it."""
    found = _json(text).get("SPDisplaysDataType")
    cards = [card for card in found if isinstance(card, dict)] if isinstance(found, list) else []
    gpus = (
        Gpu(
            str(card.get("sppci_model", "GPU")),
            unified_bytes or _amount(card.get("spdisplays_vram") or card.get("_spdisplays_vram")),
        )
        for card in cards
    )
    # Chips on the board without memory of their own are no help.
    return tuple(gpu for gpu in gpus if gpu.memory_bytes)


def _memory(probe: Probe) -> tuple[int, int]:
    """Total and available bytes."""
    if probe.system == "linux":
        return linux_memory(probe.read("/proc/meminfo"), map(probe.read, _CGROUP_LIMITS))
    total, available = probe.memory()
    if probe.system == "darwin":
        available = mac_available(probe.run(("vm_stat",))) or total
    return total, min(available, total)


def linux_memory(meminfo: str, limits: Iterable[str] = ()) -> tuple[int, int]:
    """Total and available bytes by /proc/meminfo, under the limits of the container if any."""
    kib = {name: int(number) for name, number in re.findall(r"(?m)^(\w+):\s+(\d+) kB", meminfo)}
    total = kib.get("MemTotal", 0) << 10
    available = kib.get("MemAvailable", kib.get("MemFree", 0)) << 10
    caps = [int(limit) for limit in limits if limit.strip().isdecimal()]
    total = min([total, *caps])
    return total, min(total, available)


def mac_available(text: str) -> int:
    """Bytes that `vm_stat` counts as free, or that would be given up for somebody."""
    page = re.search(r"page size of (\d+) bytes", text)
    pages = re.findall(r"(?m)^Pages (?:free|inactive|purgeable|speculative):\s+(\d+)", text)
    return int(page[1]) * sum(map(int, pages)) if page else 0


def _memory_by_call() -> tuple[int, int]:
    if sys.platform == "win32":
        return _windows_memory()
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0, 0
    return total, total


def _windows_memory() -> tuple[int, int]:
    # The structure MEMORYSTATUSEX: two 32-bit numbers, then seven of 64 bits.
    status = (ctypes.c_uint64 * 8)()
    ctypes.cast(status, ctypes.POINTER(ctypes.c_uint32))[0] = ctypes.sizeof(status)
    kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009 -- it is there on Windows only
    if not kernel.GlobalMemoryStatusEx(ctypes.byref(status)):
        return 0, 0
    return status[1], status[2]


def _cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _free() -> int:
    try:
        return shutil.disk_usage(Path.home()).free
    except (OSError, RuntimeError):
        return 0


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _json(text: str) -> Mapping[str, Any]:
    # Tools print warnings before what was asked for.
    try:
        value = json.loads(text[text.find("{") :])
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int:
    return int(value) if isinstance(value, (int, str)) and str(value).isdecimal() else 0


def _amount(value: object) -> int:
    """Bytes of an amount such as "8 GB" or "1536 MB"."""
    found = re.match(r"(\d+)\s*(GB|MB)", str(value or ""))
    return int(found[1]) << (30 if found[2] == "GB" else 20) if found else 0
