from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from nootropic_lsp.core.errors import NootropicError
from nootropic_lsp.models.matcher import Measured
from nootropic_lsp.models.registry import (
    Entry,
    Performance,
    Version,
    latest,
    measured,
    noted,
    promoted,
    read_registry,
    registry_file,
    write_registry,
)

ID = "ollama:qwen2.5-coder:7b"


def entry(speed: float = 10.0, *, quantization: str = "Q4_K_M", stage: str = "test") -> Entry:
    return Entry(
        ID,
        Version(0, 1, 0, stage),  # type: ignore[arg-type]
        architecture="qwen2.5-coder",
        parameters=7_000_000_000,
        quantization=quantization,
        performance=Performance(accuracy=0.8, latency=0.4, memory=4.7, throughput=speed),
        benchmarks={"completion": 1.0, "edit": 0.5},
    )


def test_what_is_written_is_read_again_and_is_in_the_format(home: Path) -> None:
    file = registry_file(home)
    assert read_registry(file) == []
    write_registry(file, [entry()])
    assert read_registry(file) == [entry()]
    table = yaml.safe_load(file.read_text())
    assert table["apiVersion"] == "models.nootropic.ai/v1"
    assert table["kind"] == "ModelRegistry"
    assert table["spec"]["versioning"] == {
        "scheme": "semantic",
        "format": "{major}.{minor}.{patch}-{stage}",
        "stages": ["dev", "test", "prod"],
    }
    assert "latency" in table["spec"]["tracking"]["metrics"]
    (model,) = table["spec"]["models"]
    assert model["version"] == "0.1.0-test"
    assert set(model) >= {"id", "architecture", "parameters", "quantization", "benchmarks"}
    assert list(file.parent.iterdir()) == [file]


def test_measured_again_is_a_patch_and_other_weights_a_minor_version() -> None:
    entries = noted([], entry())
    entries = noted(entries, entry(12.0))
    assert [str(each.version) for each in entries] == ["0.1.1-test"]
    entries = noted(entries, entry(8.0, quantization="Q8_0"))
    assert [str(each.version) for each in entries] == ["0.2.0-test"]
    assert measured(entries) == {("ollama", "qwen2.5-coder:7b"): Measured(8.0, 0.4, 0.8)}


def test_what_is_used_becomes_prod_and_stays_it_when_it_is_measured_again() -> None:
    entries = promoted(noted([], entry()), ID)
    assert [str(each.version) for each in entries] == ["1.0.0-prod"]
    entries = noted(entries, entry(12.0))
    assert [str(each.version) for each in entries] == ["1.0.1-prod"]
    assert promoted(entries, "ollama:unknown") == entries


def test_other_weights_do_not_replace_what_is_used_before_they_are_used() -> None:
    entries = promoted(noted([], entry()), ID)
    entries = noted(entries, entry(8.0, quantization="Q8_0"))
    assert [str(each.version) for each in entries] == ["1.0.0-prod", "1.1.0-test"]
    newest = latest(entries, ID)
    assert newest is not None
    assert newest.quantization == "Q8_0"
    assert [str(each.version) for each in promoted(entries, ID)] == ["1.1.0-prod"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: [", "damaged"),
        ("kind: PromptRegistry", "a ModelRegistry was expected"),
        ("kind: ModelRegistry", "its version is None"),
        ("{kind: ModelRegistry, apiVersion: models.nootropic.ai/v2}", "models.nootropic.ai/v2"),
        ("{K, spec: {models: 3}}", "must be a list"),
        ("{K, spec: {models: [3]}}", "must be a table"),
        ("{K, spec: {models: [{id: x}]}}", "needs an id"),
        ("{K, spec: {models: [{id: 'o:m', version: 1.0}]}}", "1.0 is no version"),
        ("{K, spec: {models: [{id: 'o:m', version: 1.0.0-beta}]}}", "is no version"),
        (
            "{K, spec: {models: [{id: 'o:m', version: 1.0.0-dev, performance: {accuracy: -1}}]}}",
            "o:m: performance.accuracy must be a number",
        ),
        (
            "{K, spec: {models: [{id: 'o:m', version: 1.0.0-dev, benchmarks: 3}]}}",
            "o:m: benchmarks must be a table",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(text.replace("K,", "apiVersion: models.nootropic.ai/v1, kind: ModelRegistry,"))
    with pytest.raises(NootropicError, match=said) as raised:
        read_registry(file)
    assert "registry.yaml" in str(raised.value)
