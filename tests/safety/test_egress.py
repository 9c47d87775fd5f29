"""Nothing is sent to another machine unless its name was allowed, however an address is written."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nootropic_lsp.core.errors import Failure, SafetyError
from nootropic_lsp.safety.egress import Egress


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost",
        "http://LOCALHOST:11434/api/chat",
        "http://127.0.0.1:8080/v1?x=@evil.example#@evil.example",
        "https://127.255.0.3/",
        "http://[::1]:8080/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]:80",
        "HTTP://127.0.0.1",
    ],
)
def test_this_machine_is_always_allowed(url: str) -> None:
    Egress().check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example",
        "http://127.0.0.1@evil.example/",
        "http://localhost:80@evil.example/",
        "http://evil.example@127.0.0.1/",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://localhost.",
        "http://127.0.0.1.",
        "http://127.1",
        "http://2130706433",
        "http://0x7f000001",
        "http://0177.0.0.1",
        "http://0.0.0.0",
        "http://[::]",
        "http://[::127.0.0.1]",
        "http://[::1%25eth0]/",
        "http://[::1]evil.example/",
        "http://evil.example[::1]/",
        "http://[::ffff:8.8.8.8]/",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1\\@evil.example/",
        "http://127.0.0.1:80\\.evil.example/",
        "http://evil.example\t/",
        " http://127.0.0.1",
        "http://127.0.0.1\n",
        "http://127.0.0.1 .evil.example",
        "http://127。0。0。1",
        "http://ⓛocalhost",
        "http://\u017fafe.example",
        "http://%6c%6f%63alhost",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:",
        "http://127.0.0.1:-1",
        "http:/127.0.0.1",
        "http:127.0.0.1",
        "//127.0.0.1",
        "http://",
        "",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "unix://127.0.0.1",
        "javascript:alert(1)",
    ],
)
def test_what_is_or_may_be_another_machine_is_refused(url: str) -> None:
    with pytest.raises(SafetyError, match=re.escape("`safety.allowHosts`")) as caught:
        Egress(("safe.example",)).check(url)
    assert caught.value.failure is Failure.SAFETY_VIOLATION


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("api.example", "https://api.example/v1"),
        ("api.example", "http://API.example:8443"),
        ("API.Example:443", "https://api.example/"),
        ("10.0.0.7:8000", "http://10.0.0.7:8000/v1"),
        ("[2001:db8::1]:443", "https://[2001:db8::1]/"),
        ("2001:db8::1", "https://[2001:db8::1]:99/"),
    ],
)
def test_an_allowed_host_may_be_spoken_to(allowed: str, url: str) -> None:
    Egress((allowed,)).check(url)


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("api.example", "https://api.example.evil.example/"),
        ("api.example", "https://notapi.example/"),
        ("api.example", "https://x.api.example/"),
        ("api.example", "https://api.example./"),
        ("api.example:443", "http://api.example/"),
        ("api.example:443", "https://api.example:8443/"),
        ("*", "https://api.example/"),
        ("", "https://api.example/"),
        ("10.0.0.7", "http://10.0.0.70/"),
    ],
)
def test_only_exactly_what_is_allowed(allowed: str, url: str) -> None:
    with pytest.raises(SafetyError):
        Egress((allowed,)).check(url)


def test_the_sentence_says_which_host_and_nothing_else_of_the_address() -> None:
    with pytest.raises(SafetyError, match=r"evil\.example:443.*`safety\.allowHosts`") as caught:
        Egress().check("https://evil.example/a?key=hunter2hunter2")
    assert "hunter2" not in str(caught.value)


_TRICKY = st.sampled_from(
    [
        *"@:/\\?#[]%.。 \t\n\x00",
        "http://",
        "https://",
        "localhost",
        "127.0.0.1",
        "::1",
        "evil.example",
    ]
)


@given(st.lists(_TRICKY | st.characters(), max_size=14).map("".join))
def test_what_passes_is_this_machine_for_every_reader(rest: str) -> None:
    url = f"http://{rest}"
    try:
        Egress().check(url)
    except SafetyError:
        return
    host = urlsplit(url).hostname
    assert host is not None
    assert "@" not in urlsplit(url).netloc
    assert host == "localhost" or _reaches_here(host)


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_an_address_passes_only_if_it_is_loopback(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    written = f"[{address}]" if address.version == 6 else str(address)
    try:
        Egress().check(f"http://{written}:80/")
    except SafetyError:
        assert not _reaches_here(str(address))
    else:
        assert _reaches_here(str(address))


def _reaches_here(host: str) -> bool:
    address = ipaddress.ip_address(host)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address in ipaddress.ip_network("127.0.0.0/8" if address.version == 4 else "::1/128")
