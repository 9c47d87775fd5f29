"""This file is where we decide who may talk to a listening server."""

from __future__ import annotations

import ipaddress
import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from nootropic_lsp.core.errors import NootropicError


def new_token() -> str:
    """A secret that nobody guesses."""
    return secrets.token_urlsafe(24)


def matches(given: object, token: str) -> bool:
    """Whether somebody knows the token; takes as long for a near miss as for a far one."""
    return isinstance(given, str) and secrets.compare_digest(given.encode(), token.encode())


def write_token(path: str, token: str) -> None:
    """Put the token where only this user can read it."""
    unfinished = f"{path}.{os.getpid()}"
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(token + "\n")
        Path(unfinished).replace(path)
    except OSError as error:
        raise NootropicError(
            f"the token could not be written to {path} ({error.strerror}); name another file"
        ) from error


def refuse_remote(host: str) -> None:
    """Raise unless an address reaches this machine only."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError as error:
        raise NootropicError(f"there is no host {host}; try 127.0.0.1") from error
    if not all(is_loopback(str(each)) for each in found):
        raise NootropicError(
            f"{host} can be reached from other machines; listen on 127.0.0.1, "
            "or say --allow-remote if that is what you want"
        )


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine, without asking the network."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return False


def refusal(path: str, headers: Mapping[str, str], token: str, *, allow_remote: bool) -> str | None:
    """Why a WebSocket request is turned down; None if it is welcome.

    A page in a browser can reach every port of this machine: it sends an `Origin` of its
    own, and after a trick with the name server a foreign `Host`.
    """
    host = urlsplit(f"//{headers.get('Host', '')}").hostname or ""
    if not allow_remote and not is_loopback(host):
        return "this host name is not a name of this machine"
    origin = headers.get("Origin")
    if origin is not None and not is_loopback(urlsplit(origin).hostname or ""):
        return "pages of other machines may not connect"
    scheme, _, bearer = headers.get("Authorization", "").partition(" ")
    given = bearer.strip() if scheme.lower() == "bearer" else ""
    asked = parse_qs(urlsplit(path).query).get("token", [""])[0]
    if not matches(given or asked, token):
        return "the token is missing or wrong"
    return None


def token_of(options: Any) -> object:
    """The token that a client sent with `initializationOptions`."""
    if not isinstance(options, Mapping):
        return None
    section = options.get("nootropic", options)
    return section.get("token") if isinstance(section, Mapping) else None
