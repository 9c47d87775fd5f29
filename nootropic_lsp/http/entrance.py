"""What every request passes: the token, the name of this machine, and a limit for its body."""

from __future__ import annotations

from hmac import compare_digest

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nootropic_lsp.http.failing import refusal
from nootropic_lsp.http.house import House

# A conversation with whole files in it; what a model is given is limited by the gate besides.
MAX_BODY_BYTES = 4_000_000
_HOSTS = frozenset(("127.0.0.1", "localhost"))


class Entrance:
    """Middleware. Requests count as use of the house until they are answered."""

    def __init__(self, app: ASGIApp, house: House, token: str) -> None:
        self._app = app
        self._house = house
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        no = self._refused(headers)
        if no is not None:
            status, sentence = no
            await refusal(status, sentence)(scope, receive, send)
            return
        body = _Limited(receive)
        with self._house.in_use():
            await self._app(scope, body, send)

    def _refused(self, headers: dict[bytes, bytes]) -> tuple[int, str] | None:
        # A page in a browser may have its own name resolved to this machine.
        host = headers.get(b"host", b"").decode("latin-1").rpartition(":")[0]
        if host not in _HOSTS:
            return 400, "this is asked as 127.0.0.1 or localhost only"
        kind, _, given = headers.get(b"authorization", b"").partition(b" ")
        if kind.lower() != b"bearer" or not compare_digest(given.strip(), self._token):
            return 401, (
                "the token is missing or wrong; `nootropic worker --status` says where it is kept"
            )
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > MAX_BODY_BYTES:
            return 413, _TOO_LARGE
        return None


_TOO_LARGE = f"a request may have at most {MAX_BODY_BYTES // 1_000_000} MB"


class _Limited:
    """A body that may not become too large."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._n_bytes = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._n_bytes += len(message.get("body", b""))
        if self._n_bytes > MAX_BODY_BYTES:
            raise HTTPException(413, _TOO_LARGE)
        return message
