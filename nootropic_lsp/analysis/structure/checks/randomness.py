"""Random numbers that can be guessed, where they become something nobody may guess."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from nootropic_lsp.analysis.structure.declared import check
from nootropic_lsp.analysis.structure.sight import Hit, Sight, at
from nootropic_lsp.analysis.structure.values import named

_SOURCES = {
    "python": re.compile(
        r"(?:random|random\.Random\(\))\.(?:random|randint|randrange|choice|choices|sample|uniform"
        r"|getrandbits|randbytes|shuffle|triangular|gauss|normalvariate|betavariate)"
    ),
    "javascript": re.compile(r"Math\.random"),
    "go": re.compile(r"math/rand(?:/v2)?\.(?:New\(\)\.)?[A-Z]\w*"),
    "java": re.compile(r"(?:java\.util\.Random|java\.util\.concurrent\.ThreadLocalRandom)"
                       r"(?:\(\)|\.current\(\))\.(?:next|ints|longs)\w*|Math\.random"),
}  # fmt: skip

# One of these words in a name, and the value is to be kept from others.
_SECRET = frozenset(
    (
        *("token", "secret", "password", "passwd", "passphrase", "pwd", "sid", "otp", "totp"),
        *("nonce", "salt", "csrf", "xsrf", "credential", "credentials", "cookie", "passcode"),
        *("apikey", "sessionid", "iv"),
    )
)
# These are secrets only in company.
_KEY_KINDS = frozenset(
    ("api", "secret", "session", "private", "encryption", "signing", "access", "auth", "crypto")
)
_CODE_FOR = re.compile(
    r"one_?time|reset|verif|login|sign_?up|otp|mfa|2fa|invit|confirm|auth|recover|activat|sms|voucher|coupon",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ROUNDS = 4


_PYTHON = (
    *("random", "randint", "randrange", "choice", "choices", "sample", "uniform", "getrandbits"),
    *("randbytes", "shuffle", "triangular", "gauss", "normalvariate", "betavariate"),
)
_GO = (
    *("Int", "Intn", "Int31", "Int31n", "Int63", "Int63n", "IntN", "Uint32", "Uint64", "Perm"),
    *("Read", "Float32", "Float64", "Int32", "Int32N", "Int64", "Int64N", "N", "UintN"),
)
_JAVA = (
    *("random", "nextInt", "nextLong", "nextBytes", "nextDouble", "nextFloat", "nextBoolean"),
    *("nextGaussian", "ints", "longs"),
)


@check("python", "call", words=_PYTHON)
@check("javascript", "call_expression", words=("random",))
@check("go", "call_expression", words=_GO)
@check("java", "method_invocation", words=_JAVA)
def weak_random(sight: Sight, node: Node) -> Iterator[Hit]:
    """A guessable number that ends in a token, a password and the like."""
    family = sight.kinds.family
    called = node.child_by_field_name("name") or sight.kinds.function(node)
    if called is None:
        return
    if not _SOURCES[family].fullmatch(sight.callee(node)) and not _is_go_source(sight, called):
        return
    # Whoever draws one of the tokens of a text makes none.
    drawn_from = _words(sight.text(node.child_by_field_name("arguments")))
    drawn_from |= {word.removesuffix("s") for word in drawn_from}
    for name, around in _ends(sight, node, _ROUNDS, set()):
        purpose = _purpose(name, around)
        if purpose and not drawn_from & _words(name) & _SECRET:
            yield at(node, f"this can be guessed, and goes into `{name}`")
            return


def _is_go_source(sight: Sight, called: Node) -> bool:
    """Whether it is a method that only the generators of math/rand have."""
    return (
        sight.kinds.family == "go"
        and re.search(r"\.(?:Intn|Int63n?|Int31n?|IntN|Uint32|Uint64|Perm)$", sight.text(called))
        is not None
        and (sight.imports("math/rand") and not sight.imports("crypto/rand"))
    )


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}


def _purpose(name: str, around: str) -> bool:
    words = _words(name)
    if words & _SECRET:
        return True
    # `session[...] = ` and `session_id`, but not what is done with an HTTP session.
    if "session" in words and ("id" in words or "key" in words or "[" in name):
        return True
    if "key" in words and words & _KEY_KINDS:
        return True
    return "code" in words and _CODE_FOR.search(f"{name} {around}") is not None


_STOPS = frozenset(
    {
        "comparison_operator", "block", "statement_block", "if_statement", "while_statement",
        "ternary_expression", "boolean_operator", "expression_statement", "module", "program",
    }
)  # fmt: skip
_TARGETS = ("left", "name", "pattern", "key")
_ASSIGNING = frozenset(
    {
        "assignment", "augmented_assignment", "named_expression", "variable_declarator",
        "assignment_expression", "augmented_assignment_expression", "short_var_declaration",
        "assignment_statement", "var_spec", "const_spec", "public_field_definition",
        "field_definition",
    }
)  # fmt: skip
_NAMING = frozenset({"keyword_argument", "pair", "keyed_element"})


def _ends(sight: Sight, node: Node, rounds: int, seen: set[int]) -> Iterator[tuple[str, str]]:
    """The names of what a value goes into, each with the text of the function around it."""
    function = sight.function_of(node)
    around, name_around = sight.text(function), _name_of(sight, function)
    child = node
    for each in sight.ancestors(node):
        if each.type in _ASSIGNING:
            target = next(filter(None, map(each.child_by_field_name, _TARGETS)), None)
            if target is None or target.id == child.id:
                return
            yield sight.text(target)[:80], around
            plain = re.match(r"([\w$]+)(?:\[[^\n]*\])?$", sight.text(target))
            if plain and rounds and function is not None and each.id not in seen:
                seen.add(each.id)
                yield from _later(sight, plain[1], each, function, rounds - 1, seen)
            return
        if each.type in _NAMING:
            name = next(filter(None, map(each.child_by_field_name, _TARGETS)), named(each))
            if name is not None and name.id != child.id:
                yield sight.text(name).strip("\"'"), around
        elif each.type in {"return_statement", "arrow_function", "yield"}:
            if each.type == "arrow_function":
                name_around = _name_of(sight, each)
            yield name_around, around
            return
        elif each.type in sight.kinds.calls:
            called = each.child_by_field_name("name") or sight.kinds.function(each)
            arguments = each.child_by_field_name("arguments")
            if called is not None and arguments is not None and arguments.id == child.id:
                yield sight.text(called).rpartition(".")[2], around
                into = _gathered_in(sight, each, called)
                if into and rounds and function is not None and each.id not in seen:
                    seen.add(each.id)
                    yield from _later(sight, into, each, function, rounds - 1, seen)
        elif each.type in _STOPS or (each.type == "binary_expression" and _compares(each)):
            return
        child = each


def _gathered_in(sight: Sight, call: Node, called: Node) -> str:
    """The name of the variable that a call like `parts.append(value)` adds to."""
    owner = call.child_by_field_name("object")
    text = sight.text(called) if owner is None else f"{sight.text(owner)}.{sight.text(called)}"
    found = re.fullmatch(
        r"([\w$]+)\.(?:append|add|push|extend|write|Write(?:Byte|String|Rune)?)", text
    )
    return found[1] if found else ""


def _compares(node: Node) -> bool:
    operator = node.child_by_field_name("operator")
    return operator is not None and operator.type not in {
        "+",
        "-",
        "*",
        "/",
        "%",
        "**",
        "|",
        "^",
        "&",
    }


def _later(
    sight: Sight, name: str, assigned: Node, function: Node, rounds: int, seen: set[int]
) -> Iterator[tuple[str, str]]:
    """Where a variable goes that was given the value."""
    pattern = re.compile(rb"(?<![\w.$])" + re.escape(name.encode()) + rb"(?![\w$])")
    for found in pattern.finditer(sight.data, function.start_byte, function.end_byte):
        if assigned.start_byte <= found.start() < assigned.end_byte:
            continue
        use = function.descendant_for_byte_range(found.start(), found.end())
        if use is not None and use.type in {"identifier", "shorthand_property_identifier"}:
            yield from _ends(sight, use, rounds, seen)


def _name_of(sight: Sight, function: Node | None) -> str:
    if function is None:
        return ""
    name = function.child_by_field_name("name")
    if name is None:
        owner = next(sight.ancestors(function), None)
        name = None if owner is None else owner.child_by_field_name("name")
    return sight.text(name)
