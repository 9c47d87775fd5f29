"""Secrets written into source: where they are, and the text without them.

A prefilter of plain byte searches reads everything (no regular expression is fast
enough); the patterns below look only where it points.
"""

from __future__ import annotations

import importlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise

from nootropic_lsp.core.spans import Span

MARK = "[redacted]"


def redact(text: str) -> str:
    """The text with the content of every secret literal replaced by `[redacted]`."""
    return replaced(text, find_secrets(text), lambda _span: MARK)


def mask(text: str) -> str:
    """Like `redact`, but of the same length and with the same lines, so that spans stay true."""
    return masked(text, find_secrets(text))


def mask_at_once(text: str) -> str:
    """Like `mask`, for somebody who waits: what is doubtful is masked instead of looked into."""
    return masked(text, find_secrets(text, hurry=True))


def masked(text: str, spans: Sequence[Span]) -> str:
    """The text with asterisks in place of what is in the spans; lines and length stay."""
    return replaced(text, spans, lambda span: re.sub(r"[^\r\n]", "*", text[span.start : span.end]))


def find_secrets(text: str, *, hurry: bool = False) -> list[Span]:
    """Where the contents of secret literals are, in order and without overlaps.

    In a `hurry`, what a second opinion would be asked about counts as one.
    """
    # One byte per code point, so that offsets stay those of the text; no secret needs others.
    raw = text.encode("latin-1", "replace")
    lowered = raw.lower()
    doubtful: set[int] = set()
    found = [*_private_keys(text, lowered), *_in_urls(text, lowered)]
    found += _in_runs(text, raw, doubtful)
    found += _assigned(text, lowered, doubtful)
    if doubtful:
        found += _runs_at(text, doubtful) if hurry else _second_opinion(text, doubtful)
    return merged(found) if len(found) > 1 else found


def find_all_secrets(text: str) -> list[Span]:
    """Like `find_secrets`, with a second opinion on every line: for what leaves the house.

    What has been found is hidden and the rest looked at anew, until nothing more is found.
    """
    spans = find_secrets(text)
    hidden = masked(text, spans)
    for _ in range(_MOST_ROUNDS):
        spans = merged([*spans, *find_secrets(hidden), *_on_every_line(hidden)])
        before, hidden = hidden, masked(text, spans)
        if hidden == before:
            break
    return spans


# Only a text made for it needs more than three.
_MOST_ROUNDS = 10


def is_issued(secret: str) -> bool:
    """Whether a secret has the form of a key that a service issues, and may open something.

    Tokens whose contents can be read, keys for trying things out and those of manuals do not.
    """
    is_made_up = secret.startswith(("eyJ", "sk_test_", "rk_test_")) or "EXAMPLE" in secret
    return _KNOWN.fullmatch(secret) is not None and not is_made_up


def replaced(text: str, spans: Sequence[Span], replacement: Callable[[Span], str]) -> str:
    """The text with something else in place of what is in the spans."""
    parts: list[str] = []
    end = 0
    for span in spans:
        parts += (text[end : span.start], replacement(span))
        end = span.end
    return "".join((*parts, text[end:])) if parts else text


def merged(found: Iterable[Span]) -> list[Span]:
    """Spans in order, those that overlap as one."""
    spans: list[Span] = []
    for span in sorted(found):
        if spans and span.start < spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(span.end, spans[-1].end))
        else:
            spans.append(span)
    return spans


def _hits(haystack: bytes, needle: bytes) -> Iterator[int]:
    position = haystack.find(needle)
    while position >= 0:
        yield position
        position = haystack.find(needle, position + len(needle))


# --- Private keys -----------------------------------------------------------------------

_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_LIMIT = 20_000  # longer than any key
_KEY_TEXT = re.compile(r"[A-Za-z0-9+/]{16}")


def _private_keys(text: str, lowered: bytes) -> Iterator[Span]:
    for hit in _hits(lowered, b"-----begin "):
        begin = _KEY_BEGIN.match(text, hit)
        if begin is None:
            continue
        start = begin.end()
        following = lowered.find(b"-----begin ", start, start + _KEY_LIMIT)
        limit = min(start + _KEY_LIMIT, len(text)) if following < 0 else following
        end = _KEY_END.search(text, start, limit)
        if end:
            limit = end.start()
        else:  # A key that was cut off, or only its first line in a comparison.
            limit = min(limit, start + 4_000)
            gap = text.find("\n\n", start, limit)
            limit = limit if gap < 0 else gap
        if _KEY_TEXT.search(text, start, limit):
            yield Span(start, limit)


# --- Passwords in addresses -------------------------------------------------------------

_CREDENTIALS = re.compile(
    r"://[^\s:/@\"'`<>{}()$]{0,80}:([^\s:/@\"'`<>{}()$%*\[\]]{3,200})@[\w.\[-]"
)


def _in_urls(text: str, lowered: bytes) -> Iterator[Span]:
    for hit in _hits(lowered, b"://"):
        at = _CREDENTIALS.match(text, hit)
        if at and not _PLACEHOLDER.search(at[1]) and not _SAYS_SECRET.search(at[1]):
            yield Span(*at.span(1))


# --- Long runs of letters and digits ----------------------------------------------------

_RUN_LENGTH = 20
_RUN = b"x" * _RUN_LENGTH
_BLOB = 1_000
_RUN_SHAPE = bytes(
    ord("x") if chr(code).isascii() and (chr(code).isalnum() or chr(code) in "+/_-") else ord(" ")
    for code in range(256)
)
_WORTH_A_LOOK = re.compile(rb"[0-9]|hf_")
_KNOWN = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"  # Amazon
    r"|gh[opsur]_[A-Za-z0-9]{30,255}|github_pat_\w{22,255}|gl(?:pat|ptt|dt|rt)-[\w-]{20,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{20,}"  # Slack
    r"|sk-(?:proj-|ant-|svcacct-|or-)?[A-Za-z0-9_-]{20,}"  # OpenAI, Anthropic and others
    r"|[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/]{24,}"  # Stripe
    r"|AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}"  # Google
    r"|SG\.[\w-]{20,24}\.[\w-]{39,50}|key-[0-9a-f]{32}(?![0-9a-f])"  # SendGrid, Mailgun
    r"|npm_[A-Za-z0-9]{36}|pypi-AgE[\w-]{50,}|hf_[A-Za-z0-9]{30,}|r8_[A-Za-z0-9]{37}"
    r"|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|do[opr]_v1_[0-9a-f]{64}|dapi[0-9a-f]{32}(?![0-9a-f])"
    r"|lin_api_[A-Za-z0-9]{32,}|figd_[\w-]{30,}|sq0(?:atp|csp|idp)-[\w-]{22,}"
    r"|(?:SK|AC)[0-9a-f]{32}(?![0-9a-f])|\d{8,10}:AA[\w-]{33}|AGE-SECRET-KEY-1[A-Z0-9]{58}"
    r"|eyJ[\w-]{10,}\.eyJ[\w-]{10,}(?:\.[\w-]*)?"  # JSON web tokens
    r"|[0-9a-f]{32}-us\d{1,2}(?!\w)"  # Mailchimp
    r"|[MNO][\w-]{22,25}\.[\w-]{6}\.[\w-]{27,45}"  # Discord
    r"|(?<=AccountKey=)[A-Za-z0-9+/]{80,}={0,2}"  # Azure
    r"|(?<=hooks\.slack\.com/services/)T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{16,}"
    r")"
)
_HEX = re.compile(r"(?:0x)?[0-9a-f-]+|(?:0x)?[0-9A-F-]+")
_QUOTES = "\"'`"


def _in_runs(text: str, raw: bytes, doubtful: set[int]) -> Iterator[Span]:
    shape = raw.translate(_RUN_SHAPE)
    size = len(shape)
    end = 0
    start = shape.find(_RUN)
    while start >= 0:
        stop = shape.find(b" ", start + _RUN_LENGTH)
        stop = size if stop < 0 else stop
        if _WORTH_A_LOOK.search(raw, start, stop):
            # A key does not begin deep inside a blob, and blobs must not cost more than names.
            limit = min(start + _BLOB, stop) + (300 if text[stop : stop + 1] in (".", ":") else 2)
            known = _KNOWN.search(text, max(end, start - 12), limit)
            if known and known.start() < stop:
                # Spinners in style sheets have names that begin like keys: `sk-folding-cube-1`.
                named = known[0].startswith("sk-") and _is_made_of_words(known[0])
                if not (named or _PLACEHOLDER.search(known[0])):
                    yield Span(*known.span())
                # There may be another in the same run, as in `one/other`.
                stop = known.end()
            elif stop - start >= 24:
                closing = stop + len(text[stop : stop + 2]) - len(text[stop : stop + 2].lstrip("="))
                if _is_whole_literal(text, start, closing):
                    if looks_random(text[start:stop]):
                        yield Span(start, closing)
                    elif not _HEX.fullmatch(text, start, stop):
                        doubtful.add(start)
        end = stop
        start = shape.find(_RUN, stop)


def _is_whole_literal(text: str, start: int, end: int) -> bool:
    """Whether quotes stand right around, or `Bearer` and the like before."""
    if end >= len(text) or start == 0 or text[end] not in _QUOTES:
        return False
    return text[start - 1] == text[end] or text[max(0, start - 7) : start].lower().endswith(
        ("bearer ", "basic ", "token ")
    )


def looks_random(word: str) -> bool:
    """Whether a word is more likely to be a key than a name, a path, a digest or a table.

    Keys have capitals, small letters and digits in no order. Names and paths are made
    of pairs of letters that languages are fond of, tables of neighbours in the alphabet.
    Digests and UUIDs have one case only, and data is longer than a key.
    """
    if len(word) > 200 or word.count("/") > len(word) // 10 or _HEX.fullmatch(word):
        return False
    has_digit = any(character.isdigit() for character in word)
    if not has_digit or word.isupper() or word.islower():
        return False
    entropy = -sum(n / len(word) * math.log2(n / len(word)) for n in Counter(word).values())
    if entropy < min(4.3, 0.82 * math.log2(len(word))):
        return False
    if _is_made_of_words(word):
        return False
    lower = word.lower()
    pairs = [a + b for a, b in pairwise(lower) if a.isalpha() and b.isalpha()]
    fluent = sum(pair in _COMMON_PAIRS for pair in pairs)
    neighbours = sum(ord(b) - ord(a) == 1 for a, b in pairwise(word))
    return fluent <= 0.45 * len(pairs) and neighbours <= len(word) // 6


def _is_made_of_words(text: str) -> bool:
    """Whether its stretches of letters are as long as words; in a random key they are not."""
    parts = _PARTS.findall(text)
    return sum(map(len, parts)) >= 3 * len(parts)


# The commonest pairs of letters in English and in identifiers. A sixth of all pairs, so about
# a sixth of the pairs in a random key and well over half of those in a name.
_COMMON_PAIRS = frozenset(
    re.findall(
        "..",
        "thheineranreonatenndtiesorteofedisitalarsttontngsehaasouiolevecomedehiriroicneearacelich"
        "llbemasiomurcaeltalansdifohopeecprnoctusacotiltrlyncetutsssorsunlowageiewheewiemadolrtpo"
        "wenaulnitsmoowpaimmiaishirsuidosiviaamficivi",
    )
)
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


# --- Values given to names that speak of secrets ----------------------------------------

_KEYWORDS = (b"passw", b"pwd", b"passphrase", b"secret", b"token", b"credential", b"key")
# "key" alone says nothing; these words before it do.
_KEY_KINDS = tuple(
    kind + joint
    for kind in (b"api", b"access", b"private", b"account", b"auth", b"encryption", b"signing")
    for joint in (b"", b"_", b"-")
)
_ASSIGNMENT = re.compile(
    r"(?P<rest>[\w-]{0,40})(?:"
    r"[\"'`]?\]?\s{0,3}(?::\s{0,3}[\w.\[\] |?]{1,40})?\s{0,3}(?::=|=>|=(?![=>])|:)\s{0,40}"
    r"|(?P<listed>[\"']\s{0,3},\s{0,3}))"
    # What stands there if the environment says nothing.
    r"(?:[\w.]{1,60}(?:\([\"']\w{1,60}[\"'],\s{0,3}|\s{0,3}(?:\|\||\?\?|or)\s{1,3}))?"
    r"\(?\s{0,3}[bru]{0,2}(?:"
    r"\"(?P<double>(?:[^\"\\\r\n]|\\.){4,300})\"|'(?P<single>(?:[^'\\\r\n]|\\.){4,300})'"
    r"|`(?P<back>(?:[^`\\\r\n]|\\.){4,300})`)",
    re.IGNORECASE,
)
_SHELL_ASSIGNMENT = re.compile(
    r"(?P<rest>[A-Z0-9_]{0,40})=(?P<bare>[^\s\"'`$(){}<>;&|#,]{6,200})[ \t]*$", re.MULTILINE
)
_SHELL_NAME = re.compile(r"(?:^|[\n ;])(?:export |readonly |ENV |ARG )?[A-Z0-9_]*$")
_NAME_BEFORE = re.compile(r"[\w-]{0,40}$")
_PASSWORD_NAME = re.compile(
    r"(?:passw(?:or)?d|passphrase|(?<![A-Za-z])pwd|client[_-]?secret"
    r"|(?:secret|api|access|private|account|auth|encryption|signing)[_-]?key)\d?$",
    re.IGNORECASE,
)
_SAYS_SECRET = re.compile(
    r"pass(?:w|$|\d)|pwd|secret|token|credential|api_?key|user|login|auth|key$", re.IGNORECASE
)
_PLACEHOLDER = re.compile(
    r"[<>{}\s]|\$\(|%[(sd]|\.\.\.|…|\*\*\*|xxx|\[redacted\]|change_?me|change_?this|example"
    r"|placeholder|dummy|replace|your[-_]|sample|insert|foobar|^(.)\1*$|^(?:0123|1234|abcd)",
    re.IGNORECASE,
)
_PLAIN_WORDS = re.compile(r"[A-Za-z]+(?:[-_./:][A-Za-z]+)*|[\W\d_]+")
_DOTTED_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){2,}")
# What forms, schemas and signatures have beside a name such as `password`.
_LABELS = frozenset(
    (
        *("string", "text", "required", "optional", "hidden", "input", "varchar", "null"),
        *("none", "true", "false", "default", "invalid", "missing", "unknown", "number"),
        *("boolean", "object", "empty", "value", "field", "name", "enabled", "disabled"),
        *("bearer", "basic", "digest", "header", "query", "cookie", "body", "form"),
        *("public", "private", "admin", "test"),
    )
)
_KINDS = tuple(re.compile(kind) for kind in (r"[0-9]", r"[a-z]", r"[A-Z]", r"[!@#$^&*+=?~%]"))


def _assigned(text: str, lowered: bytes, doubtful: set[int]) -> Iterator[Span]:
    for keyword in _KEYWORDS:
        for hit in _hits(lowered, keyword):
            if keyword == b"key" and not lowered.endswith(_KEY_KINDS, max(0, hit - 11), hit):
                continue
            found = _ASSIGNMENT.match(text, hit + len(keyword))
            if found is None:
                found = _SHELL_ASSIGNMENT.match(text, hit + len(keyword))
                if found is None or not _SHELL_NAME.search(text[max(0, hit - 60) : hit]):
                    continue
            group = found.lastgroup or "bare"
            value = found[group]
            if _is_secret_value(value, has_password_name=_has_password_name(text, hit, found)):
                yield Span(*found.span(group))
            elif _KINDS[0].search(value) and not _PLACEHOLDER.search(value):
                doubtful.add(found.start(group))


def _has_password_name(text: str, hit: int, found: re.Match[str]) -> bool:
    """Whether the name can hold nothing but a password or key; a list of words is no such name."""
    if found.groupdict().get("listed"):
        return False
    before = _NAME_BEFORE.search(text[max(0, hit - 40) : hit])
    name = (before[0] if before else "") + text[hit : found.end("rest")]
    return _PASSWORD_NAME.search(name) is not None


def _is_secret_value(value: str, *, has_password_name: bool) -> bool:
    if _PLACEHOLDER.search(value) or value.lower() in _LABELS or _DOTTED_NAME.fullmatch(value):
        return False
    if "\\" in value and not has_password_name:
        return False  # An expression of the kind that lexers are made of.
    if looks_random(value) or (len(value) >= 32 and _HEX.fullmatch(value)):
        return True
    words = _PLAIN_WORDS.fullmatch(value.rstrip("0123456789")) is not None
    if words and _SAYS_SECRET.search(value):
        return False  # The name of a field or a setting, not its value.
    if has_password_name:
        # A word with a capital is a label ("Passwort"), one in small letters may be a password.
        return not _PLAIN_WORDS.fullmatch(value) or (value.isalpha() and value.islower())
    return (
        len(value) >= 8
        and not (words or _is_made_of_words(value))
        and sum(kind.search(value) is not None for kind in _KINDS) >= 3
    )


# --- A second opinion -------------------------------------------------------------------


def _second_opinion(text: str, doubtful: set[int]) -> Iterator[Span]:
    """What detect-secrets knows on lines that we were not sure of; nothing where it is absent."""
    scan = _detect_secrets()
    if scan is None:
        return
    lines = {}
    for offset in doubtful:
        start = max(text.rfind("\n", 0, offset) + 1, offset - 500)
        end = text.find("\n", offset)
        lines[start] = text[start : min(len(text) if end < 0 else end, offset + 500)]
    for start, line in lines.items():
        for value in scan(line):
            at = line.find(value)
            if at >= 0:
                yield Span(start + at, start + at + len(value))


def _on_every_line(text: str) -> Iterator[Span]:
    """What detect-secrets knows, wherever it is; of long lines in pieces that overlap."""
    if _detect_secrets() is None:
        return
    start = 0
    for line in text.splitlines(keepends=True):
        for begin in range(0, len(line), _PIECE - _OVERLAP):
            piece = line[begin : begin + _PIECE]
            for value in _second_opinion_on(piece):
                at = piece.find(value)
                while at >= 0:
                    yield Span(start + begin + at, start + begin + at + len(value))
                    at = piece.find(value, at + len(value))
            if begin + _PIECE >= len(line):
                break
        start += len(line)


_PIECE = 1_000
_OVERLAP = 300


# Of what is sent while somebody types, nearly all lines were sent before.
@lru_cache(maxsize=4_096)
def _second_opinion_on(line: str) -> tuple[str, ...]:
    scan = _detect_secrets()
    return () if scan is None else tuple(scan(line))


# Its guesses by entropy and by keyword are what the checks above do with fewer false alarms,
# an address is no secret, and neither is the line above a private key.
_NOT_ASKED = frozenset(
    (
        *("Base64HighEntropyString", "HexHighEntropyString", "KeywordDetector"),
        *("IPPublicDetector", "PrivateKeyDetector"),
    )
)


def _runs_at(text: str, doubtful: set[int]) -> Iterator[Span]:
    """What stands at some offsets, up to the next blank or quote."""
    for offset in doubtful:
        found = _UP_TO_BLANK.match(text, offset)
        if found is not None:
            yield Span(*found.span())


_UP_TO_BLANK = re.compile(r"[^\s\"'`]+")


@cache
def _detect_secrets() -> Callable[[str], list[str]] | None:
    """The detectors of detect-secrets, called directly: its scanner could ask the network."""
    try:
        util = importlib.import_module("detect_secrets.core.plugins.util")
    except ImportError:
        return None
    detectors = [
        made()
        for made in util.get_mapping_from_secret_type_to_class().values()
        if made.__name__ not in _NOT_ASKED
    ]

    def scan(line: str) -> list[str]:
        return [value for each in detectors for value in each.analyze_string(line) if value]

    return scan
