"""The page on which customers look for something. It has two holes, which the tour shows."""

from __future__ import annotations

import sqlite3
from http.server import BaseHTTPRequestHandler
from typing import IO
from urllib.parse import parse_qs, urlsplit

import yaml


def with_title(words: str) -> str:
    """The query for products with these words in their title."""
    return f"SELECT code, title FROM products WHERE title LIKE '%{words}%'"


class SearchPage(BaseHTTPRequestHandler):
    """Lists what the shop has."""

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        words = asked.get("words", ["tea"])[0]
        with sqlite3.connect("shop.db") as shop:
            rows = shop.execute(with_title(words)).fetchall()
        self.send_response(200)
        self.end_headers()
        self.wfile.write("\n".join(f"{code}: {title}" for code, title in rows).encode())


def read_synonyms(file: IO[str]) -> dict[str, str]:
    """Other words for what the shop sells, as a seller has sent them."""
    return yaml.load(file)
