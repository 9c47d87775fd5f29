"""Vectors on a Weaviate server, by its documented HTTP interface (REST and GraphQL, 1.2x).

Its own client brings gRPC and more for what are five requests here.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from nootropic_lsp.core.errors import VectorStoreError
from nootropic_lsp.safety.egress import Egress
from nootropic_lsp.store.vectors.protocol import Vectors

_DEADLINE_S = 30.0
_BATCH = 500
# A server may return no more at once than its QUERY_MAXIMUM_RESULTS, 10,000 if nobody set it.
_PAGE = 1_000
_ALL_BITS = (1 << 64) - 1
# Above the bits of a key, so that no id is all zeros: listing begins after that one.
_MARK = 0x6E6F6F74 << 96


class WeaviateStore:
    """One class ("collection") on a server, named after workspace and model."""

    def __init__(self, url: str, key: str, egress: Egress, *, workspace: str, model: str) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._egress = egress
        # Names begin with a capital, and have letters, digits and underscores.
        self._class = f"Nootropic_{workspace}_{re.sub('[^A-Za-z0-9]', '_', model)}"
        if self._ask("GET", f"/v1/schema/{self._class}", missing=True) is None:
            self._ask(
                "POST",
                "/v1/schema",
                {
                    "class": self._class,
                    "vectorizer": "none",
                    "vectorIndexConfig": {"distance": "cosine"},
                    "properties": [],
                },
            )

    def keys(self) -> set[int]:
        """What has a vector."""
        return set(self._all_keys())

    def add(self, keys: Sequence[int], vectors: Vectors) -> None:
        """Keep vectors; those of known keys are replaced."""
        for at in range(0, len(keys), _BATCH):
            objects = [
                {"class": self._class, "id": _id_of(key), "vector": vector.tolist()}
                for key, vector in zip(
                    keys[at : at + _BATCH], vectors[at : at + _BATCH], strict=True
                )
            ]
            answers = self._ask("POST", "/v1/batch/objects", {"objects": objects})
            for each in answers if isinstance(answers, list) else ():
                errors = (each.get("result") or {}).get("errors")
                if errors:
                    raise VectorStoreError(f"Weaviate has not kept a vector: {_shown(errors)}")

    def remove(self, keys: Collection[int]) -> None:
        """Forget vectors, whether they are there or not."""
        ids = [_id_of(key) for key in keys]
        for at in range(0, len(ids), _BATCH):
            where = {
                "path": ["id"],
                "operator": "ContainsAny",
                "valueTextArray": ids[at : at + _BATCH],
            }
            match = {"class": self._class, "where": where}
            self._ask("DELETE", "/v1/batch/objects", {"match": match})

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """The keys whose vectors are most like one (dimensions,), with the cosine, best first."""
        query = (
            f"{{ Get {{ {self._class}(limit: {limit}, "
            f"nearVector: {{vector: {json.dumps(vector.tolist())}}}) "
            "{ _additional { id distance } } } }"
        )
        answer = self._ask("POST", "/v1/graphql", {"query": query})
        if answer.get("errors"):
            raise VectorStoreError(f"Weaviate has not searched: {_shown(answer['errors'])}")
        found = answer["data"]["Get"][self._class]
        told = [each["_additional"] for each in found]
        return [(_key_of(each["id"]), 1.0 - float(each["distance"])) for each in told]

    def n_bytes(self) -> int:
        """None of ours."""
        return 0

    def drop(self) -> None:
        """Remove the class."""
        self._ask("DELETE", f"/v1/schema/{self._class}", missing=True)

    def close(self) -> None:
        """There is nothing to let go of."""

    def _all_keys(self) -> Iterator[int]:
        after = str(UUID(int=0))
        while True:
            page = self._ask("GET", f"/v1/objects?class={self._class}&limit={_PAGE}&after={after}")
            objects = page.get("objects") or []
            for each in objects:
                yield _key_of(each["id"])
            if len(objects) < _PAGE:
                return
            after = objects[-1]["id"]

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        missing: bool = False,
    ) -> Any:
        """The answer of the server; None for what is not there, if it may be `missing`."""
        url = self._url + path
        self._egress.check(url)
        request = urllib.request.Request(
            url,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
        )
        if self._key:
            request.add_header("Authorization", f"Bearer {self._key}")
        opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=_DEADLINE_S) as answer:
                raw = answer.read()
            return json.loads(raw) if raw else {}
        except urllib.error.HTTPError as error:
            if missing and error.code == 404:
                return None
            why = _shown(error.read(2_000).decode("utf-8", "replace"))
            raise VectorStoreError(
                f"Weaviate at {self._url} answers {error.code}: {why}"
            ) from error
        except (OSError, ValueError) as error:
            raise VectorStoreError(
                f"Weaviate at {self._url} does not answer ({error}); is it running?"
            ) from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead past the gate."""

    def redirect_request(self, *_args: Any) -> None:
        """Follow nowhere."""


def _id_of(key: int) -> str:
    return str(UUID(int=_MARK | key & _ALL_BITS))


def _key_of(name: str) -> int:
    number = UUID(name).int & _ALL_BITS
    return number - (1 << 64) if number >> 63 else number


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) < 200 else text[:199] + "…"
