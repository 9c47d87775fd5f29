"""Stores of vectors: one suite for all of them. Weaviate's server is played by its wire format."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import numpy as np
import pytest

from nootropic_lsp.core.errors import SafetyError, VectorStoreError
from nootropic_lsp.safety.egress import Egress
from nootropic_lsp.settings.options import VectorSettings
from nootropic_lsp.store.vectors.choice import chosen, open_store
from nootropic_lsp.store.vectors.folders import prepared
from nootropic_lsp.store.vectors.protocol import Vectors, VectorStore

N_DIMENSIONS = 64
KEYS = [1, -(1 << 63), (1 << 63) - 1, -7, 0, 42]
Open = Callable[..., VectorStore]


def vectors(n_vectors: int, seed: int = 1) -> Vectors:
    made = np.random.default_rng(seed).normal(size=(n_vectors, N_DIMENSIONS)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


@pytest.fixture(params=["own", "chroma", "lancedb", "weaviate"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    server = Weaviate() if request.param == "weaviate" else None
    live: list[VectorStore] = []

    def open_(model: str = "own-1") -> VectorStore:
        settings = VectorSettings(store=request.param, url="" if server is None else server.url)
        store = open_store(
            settings,
            database=tmp_path / "graph.db",
            folder=tmp_path / ".vectorstore",
            model=model,
            n_dimensions=N_DIMENSIONS,
            egress=Egress(),
            key="key" if server is not None else "",
        )
        live.append(store)
        return store

    yield open_
    for store in live:
        store.close()
    if server is not None:
        server.stop()
        assert server.refused == []


def test_the_nearest_come_first_with_their_cosines(opened: Open) -> None:
    store, made = opened(), vectors(len(KEYS))
    store.add(KEYS, made)
    assert store.keys() == set(KEYS)
    asked = made[2] + 0.1 * made[3]
    asked /= np.linalg.norm(asked)
    found = store.nearest(asked, 3)
    wanted = sorted(zip((made @ asked).tolist(), KEYS, strict=True), reverse=True)[:3]
    assert [key for key, _ in found] == [key for _, key in wanted]
    assert [cosine for _, cosine in found] == pytest.approx([each for each, _ in wanted], abs=0.01)


def test_an_empty_store_has_nothing_near(opened: Open) -> None:
    assert opened().nearest(vectors(1)[0], 5) == []


def test_a_key_that_is_written_again_has_its_new_vector(opened: Open) -> None:
    store, made = opened(), vectors(len(KEYS) + 1)
    store.add(KEYS, made[:-1])
    store.add(KEYS[:1], made[-1:])
    assert store.keys() == set(KEYS)
    assert store.nearest(made[-1], 1)[0][0] == KEYS[0]
    found = store.nearest(made[0], len(KEYS))
    assert max(cosine for key, cosine in found if key == KEYS[0]) < 0.9


def test_what_was_removed_is_found_no_more_even_when_it_comes_back(opened: Open) -> None:
    store, made = opened(), vectors(len(KEYS))
    store.add(KEYS, made)
    store.remove([KEYS[1], 999])
    assert store.keys() == set(KEYS) - {KEYS[1]}
    assert KEYS[1] not in [key for key, _ in store.nearest(made[1], 10)]
    store.add([KEYS[1]], made[:1])
    found = dict(store.nearest(made[0], 10))
    assert found[KEYS[1]] == pytest.approx(1, abs=0.01)
    assert store.nearest(made[1], 1)[0][1] < 0.9


def test_vectors_are_there_when_the_store_is_opened_again(opened: Open) -> None:
    store, made = opened(), vectors(len(KEYS))
    store.add(KEYS, made)
    store.close()
    again = opened()
    assert again.keys() == set(KEYS)
    assert again.nearest(made[3], 1)[0][0] == KEYS[3]


def test_models_do_not_see_each_other(opened: Open) -> None:
    first, second, made = opened("own-1"), opened("other-1"), vectors(len(KEYS))
    first.add(KEYS[:2], made[:2])
    second.add(KEYS[2:], made[2:])
    assert first.keys() == set(KEYS[:2])
    first.drop()
    assert second.keys() == set(KEYS[2:])
    assert opened("own-1").keys() == set()


def test_thousands_are_written_and_the_right_ones_found(opened: Open) -> None:
    store, made = opened(), vectors(6_000)
    store.add(list(range(6_000)), made)
    assert len(store.keys()) == 6_000
    for number in (0, 3_333, 5_999):
        assert store.nearest(made[number], 1)[0][0] == number


@pytest.mark.parametrize("kind", ["own", "chroma", "lancedb"])
def test_nothing_that_was_kept_is_lost_when_the_writer_is_killed(kind: str, tmp_path: Path) -> None:
    script = f"""
import os, sys
from pathlib import Path
import numpy as np
from nootropic_lsp.safety.egress import Egress
from nootropic_lsp.settings.options import VectorSettings
from nootropic_lsp.store.vectors.choice import open_store
here = Path({str(tmp_path)!r})
store = open_store(VectorSettings(store={kind!r}), database=here / "graph.db",
    folder=here / ".vectorstore", model="own-1", n_dimensions={N_DIMENSIONS}, egress=Egress())
vectors = np.random.default_rng(1).normal(size=(300, {N_DIMENSIONS})).astype(np.float32)
for at in range(0, 300, 100):
    store.add(list(range(at, at + 100)), vectors[at:at + 100])
os._exit(9)
"""
    ended = subprocess.run([sys.executable, "-c", script], timeout=100, check=False)
    assert ended.returncode == 9
    store = open_store(
        VectorSettings(store=kind),
        database=tmp_path / "graph.db",
        folder=tmp_path / ".vectorstore",
        model="own-1",
        n_dimensions=N_DIMENSIONS,
        egress=Egress(),
    )
    assert store.keys() == set(range(300))
    store.close()


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    """It could hold a pickle that runs when it is read."""
    folder = tmp_path / ".vectorstore"
    folder.mkdir()
    (folder / "precious").write_text("mine")
    with pytest.raises(VectorStoreError, match="was not made by nootropic"):
        prepared(folder)
    assert (folder / "precious").read_text() == "mine"


def test_a_folder_that_was_ours_elsewhere_is_made_anew(tmp_path: Path) -> None:
    made = tmp_path / "a" / ".vectorstore"
    prepared(made)
    (made / "index_metadata.pickle").write_bytes(b"from elsewhere")
    moved = tmp_path / "b"
    (tmp_path / "a").rename(moved)
    prepared(moved / ".vectorstore")
    assert sorted(each.name for each in (moved / ".vectorstore").iterdir()) == [
        ".gitignore",
        "seal",
    ]


def test_the_folder_of_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".vectorstore").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(VectorStoreError, match="is a link"):
        prepared(tmp_path / ".vectorstore")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_weaviate_needs_an_address(tmp_path: Path) -> None:
    with pytest.raises(VectorStoreError, match=r"vectors\.url"):
        chosen(VectorSettings(store="weaviate"))


@pytest.mark.parametrize(
    ("url", "error", "said"),
    [
        ("http://weaviate.example:8080", SafetyError, "safety.allowHosts"),
        ("http://127.0.0.1:9", VectorStoreError, "is it running"),
    ],
)
def test_a_server_that_may_not_or_does_not_answer(
    url: str, error: type[Exception], said: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=said):
        open_store(
            VectorSettings(store="weaviate", url=url),
            database=tmp_path / "graph.db",
            folder=tmp_path / ".vectorstore",
            model="own-1",
            n_dimensions=N_DIMENSIONS,
            egress=Egress(),
        )


class Weaviate:
    """As much of Weaviate's HTTP interface as its documentation has for this; strict."""

    def __init__(self) -> None:
        self.classes: dict[str, dict[str, list[float]]] = {}
        self.refused: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_args: object) -> None:
                pass

            def _serve(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(size)
                try:
                    assert self.headers["Authorization"] == "Bearer key"
                    assert self.headers["Content-Type"] == "application/json"
                    body = json.loads(raw) if raw else None
                    code, answer = server.answer(self.command, self.path, body)
                except (AssertionError, KeyError, ValueError) as error:
                    server.refused.append(f"{self.command} {self.path}: {error!r}")
                    code, answer = 422, {"error": [{"message": repr(error)}]}
                data = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(code)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_DELETE = _serve

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        parts = urlsplit(path)
        match method, parts.path.split("/")[2:]:
            case "GET", ["schema", name]:
                return (200, {"class": name}) if name in self.classes else (404, None)
            case "POST", ["schema"]:
                assert set(body) <= {"class", "vectorizer", "vectorIndexConfig", "properties"}
                assert body["vectorizer"] == "none"
                assert body["vectorIndexConfig"] == {"distance": "cosine"}
                assert body["class"][0].isupper()
                assert body["class"].replace("_", "").isalnum()
                self.classes[body["class"]] = {}
                return 200, body
            case "DELETE", ["schema", name]:
                self.classes.pop(name, None)
                return 200, None
            case "POST", ["batch", "objects"]:
                assert set(body) == {"objects"}
                for each in body["objects"]:
                    assert set(each) == {"class", "id", "vector"}
                    assert len(each["vector"]) == N_DIMENSIONS
                    self.classes[each["class"]][str(UUID(each["id"]))] = each["vector"]
                return 200, [{**each, "result": {"status": "SUCCESS"}} for each in body["objects"]]
            case "DELETE", ["batch", "objects"]:
                match_ = body["match"]
                assert match_["where"]["operator"] == "ContainsAny"
                assert match_["where"]["path"] == ["id"]
                for each in match_["where"]["valueTextArray"]:
                    self.classes[match_["class"]].pop(each, None)
                return 200, {"results": {}}
            case "GET", ["objects"]:
                asked = parse_qs(parts.query, strict_parsing=True)
                assert set(asked) == {"class", "limit", "after"}
                ids = sorted(each for each in self.classes[asked["class"][0]])
                ids = [each for each in ids if each > asked["after"][0]]
                # The documentation has no object with the id of all zeros.
                some = ids[: int(asked["limit"][0])]
                return 200, {"objects": [{"id": each} for each in some]}
            case "POST", ["graphql"]:
                return 200, self._query(body["query"])
        raise ValueError("there is no such route")

    def _query(self, query: str) -> Any:
        name, _, rest = query.removeprefix("{ Get { ").partition("(limit: ")
        limit, _, rest = rest.partition(", nearVector: {vector: ")
        vector, _, rest = rest.partition("}) ")
        assert rest == "{ _additional { id distance } } } }"
        asked = np.array(json.loads(vector), np.float32)
        stored = self.classes[name]
        told = [
            {"id": each, "distance": 1 - float(np.array(held, np.float32) @ asked)}
            for each, held in stored.items()
        ]
        told.sort(key=lambda each: each["distance"])
        return {"data": {"Get": {name: [{"_additional": each} for each in told[: int(limit)]]}}}
