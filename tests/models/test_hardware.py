from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from nootropic_lsp.models.hardware import (
    Gpu,
    Probe,
    Tools,
    amd_gpus,
    linux_memory,
    look,
    mac_available,
    mac_gpus,
    nvidia_gpus,
)

GIB = 1 << 30
MEMINFO = "MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:    9000000 kB\n"
VM_STAT = """Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                              100000.
Pages active:                            400000.
Pages inactive:                          200000.
Pages speculative:                         5000.
Pages wired down:                        150000.
Pages purgeable:                           1000.
"""
APPLE = json.dumps({"SPDisplaysDataType": [{"sppci_model": "Apple M2 Pro"}]})
INTEL_MAC = json.dumps(
    {
        "SPDisplaysDataType": [
            {"sppci_model": "Intel UHD"},
            {"sppci_model": "Radeon Pro", "spdisplays_vram": "8 GB"},
        ]
    }
)
ROCM = "WARNING: x\n" + json.dumps(
    {
        "card0": {"Card Series": "RX 7900", "VRAM Total Memory (B)": "25753026560"},
        "system": {"Driver version": "6"},
    }
)


def probe(
    system: str,
    *,
    machine: str = "x86_64",
    tools: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    memory: tuple[int, int] = (0, 0),
) -> Probe:
    def run(command: Sequence[str]) -> str:
        return (tools or {}).get(command[0], "")

    return Probe(
        system,
        machine,
        run,
        lambda path: (files or {}).get(path, ""),
        lambda: 7,
        lambda: 4,
        lambda: memory,
    )


def test_linux_with_an_nvidia_card() -> None:
    found = look(
        probe(
            "linux",
            tools={"nvidia-smi": "NVIDIA GeForce RTX 3060, 12288\n"},
            files={"/proc/meminfo": MEMINFO},
        )
    )
    assert (found.n_cores, found.disk_free_bytes) == (4, 7)
    assert (found.ram_bytes, found.ram_available_bytes) == (16000000 << 10, 9000000 << 10)
    assert found.gpus == (Gpu("NVIDIA GeForce RTX 3060", 12 * GIB),)
    assert found.gpu_bytes == 12 * GIB
    assert not found.is_unified


def test_a_container_has_no_more_than_its_limit() -> None:
    assert linux_memory(MEMINFO, ("max\n", "")) == (16000000 << 10, 9000000 << 10)
    assert linux_memory(MEMINFO, (f"{4 * GIB}\n",)) == (4 * GIB, 4 * GIB)


def test_apple_silicon_shares_its_memory_with_the_graphics_card() -> None:
    found = look(
        probe(
            "darwin",
            machine="arm64",
            tools={"system_profiler": APPLE, "vm_stat": VM_STAT},
            memory=(16 * GIB, 16 * GIB),
        )
    )
    assert found.is_unified
    assert found.gpus == (Gpu("Apple M2 Pro", 16 * GIB),)
    assert found.ram_available_bytes == 306000 * 16384


def test_a_chip_without_memory_of_its_own_is_no_graphics_card() -> None:
    assert mac_gpus(INTEL_MAC, 0) == (Gpu("Radeon Pro", 8 * GIB),)


def test_an_amd_card_is_found_where_there_is_none_of_nvidia() -> None:
    found = look(probe("win32", tools={"rocm-smi": ROCM}, memory=(32 * GIB, 20 * GIB)))
    assert found.gpus == (Gpu("RX 7900", 25753026560),)
    assert (found.ram_bytes, found.ram_available_bytes) == (32 * GIB, 20 * GIB)


@pytest.mark.parametrize("text", ["", "no devices were found", "{", "[1]", '{"card0": 3}', "a,b"])
def test_what_tools_say_otherwise_is_no_card(text: str) -> None:
    assert nvidia_gpus(text) == amd_gpus(text) == mac_gpus(text, 0) == ()
    assert mac_available(text) == 0
    assert linux_memory(text) == (0, 0)


def test_this_machine_has_memory_and_cores() -> None:
    found = look()
    assert found.ram_bytes >= found.ram_available_bytes > 0
    assert found.n_cores > 0
    assert found.disk_free_bytes > 0


@pytest.mark.skipif(sys.platform == "win32", reason="it is a shell script")
def test_no_program_of_the_workspace_is_started(tmp_path: Path) -> None:
    workspace, outside = tmp_path / "workspace", tmp_path / "outside"
    for folder, said in ((workspace / "bin", "evil"), (outside, "good")):
        folder.mkdir(parents=True)
        program = folder / "nvidia-smi"
        program.write_text(f"#!/bin/sh\necho {said}\n")
        program.chmod(0o755)
    # By PATH itself, and by a link to it from outside.
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "nvidia-smi").symlink_to(workspace / "bin" / "nvidia-smi")
    folders = (str(workspace / "bin"), "bin", ".", str(linked), str(outside))
    assert Tools(avoid=workspace, folders=folders).run(["nvidia-smi"]) == "good\n"
    assert Tools(avoid=workspace, folders=folders[:-1]).run(["nvidia-smi"]) == ""
    assert Tools(folders=folders).run(["nvidia-smi"]) == "evil\n"


@pytest.mark.skipif(sys.platform == "win32", reason="it is a shell script")
def test_a_tool_that_hangs_or_fails_says_nothing(tmp_path: Path) -> None:
    for name, script in (("hangs", "exec sleep 60"), ("fails", "echo x; exit 3")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    tools = Tools(deadline_s=0.05, folders=(str(tmp_path), os.defpath.split(os.pathsep)[-1]))
    assert tools.run(["hangs"]) == tools.run(["fails"]) == tools.run(["is not there"]) == ""
