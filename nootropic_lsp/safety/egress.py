"""Which hosts may be spoken to: this machine, and those that the user has allowed."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from nootropic_lsp.core.errors import SafetyError


class Egress:
    """`allow_hosts` are names or addresses, "host" or "host:port", compared as they are written."""

    def __init__(self, allow_hosts: Iterable[str] = ()) -> None:
        self._allowed = frozenset(each.strip().lower() for each in allow_hosts)

    def check(self, url: str) -> None:
        """Raises `SafetyError` unless what the address names is this machine or allowed."""
        found = _PLAIN_URL.fullmatch(url)
        port = int(found["port"] or _PORTS[found["scheme"].lower()]) if found else 0
        if found is None or port > 65_535:
            raise SafetyError(
                "an address was refused that is not plain http(s)://host:port/path, so that it "
                "could name another host than it seems to; the hosts that may be spoken to are "
                "this machine and those in the setting `safety.allowHosts`"
            )
        host = found["host"].lower()
        bare = host.strip("[]")
        if _is_this_machine(bare):
            return
        if not self._allowed.isdisjoint((host, bare, f"{host}:{port}")):
            return
        raise SafetyError(
            f"nothing was sent to {host}:{port}: it is not this machine; "
            f'if you want that, add "{bare}" to the setting `safety.allowHosts`'
        )


# Whatever programs could understand in two ways is refused: names and passwords before the
# host, zones, escapes, letters outside ASCII, backslashes, blanks.
_PLAIN_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:[/?#][^\x00-\x20\x7f\\]*)?",
    re.IGNORECASE | re.ASCII,
)
_PORTS = {"http": 80, "https": 443}


def _is_this_machine(host: str) -> bool:
    """Only the forms that every resolver reads alike: not "127.1", "2130706433", "localhost."."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
