"""The words that a language itself has, by where they may stand."""

from __future__ import annotations

from typing import NamedTuple


class Keywords(NamedTuple):
    """`statement` begin a statement, `expression` may stand inside of one."""

    statement: tuple[str, ...]
    expression: tuple[str, ...]


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def _words(statement: str, expression: str = "") -> Keywords:
    return Keywords(_split(statement), _split(expression))


_SCRIPT = _words(
    "async await break case catch class const continue debugger default delete do else export for"
    " function if import let new return static super switch this throw try typeof var while yield",
    "async await class delete false function import in instanceof new null of super this true"
    " typeof undefined void yield",
)
_TYPED = Keywords(
    (*_SCRIPT.statement, *_split("abstract declare enum interface namespace private protected public"
     " readonly type")),
    (*_SCRIPT.expression, *_split("any as boolean extends implements infer is keyof never number object"
     " readonly satisfies string symbol unknown")),
)  # fmt: skip
_C = _words(
    "break case char const continue default do double else enum extern float for goto if inline int"
    " long return short signed sizeof static struct switch typedef union unsigned void volatile"
    " while",
    "char const double float int long NULL short signed sizeof struct unsigned void",
)
_KEYWORDS = {
    "python": _words(
        "assert async await break case class continue def del elif else except finally for from"
        " global if import lambda match nonlocal not pass raise return try while with yield",
        "and as async await else False for from if in is lambda None not or True yield",
    ),
    "javascript": _SCRIPT,
    "typescript": _TYPED,
    "tsx": _TYPED,
    "go": _words(
        "break case const continue default defer else fallthrough for func go goto if import"
        " package range return select struct switch type var",
        "chan false func interface iota map nil range struct true",
    ),
    "rust": _words(
        "async await break const continue else enum extern fn for if impl let loop match mod move"
        " mut pub return static struct trait type unsafe use where while",
        "as async await crate dyn else false for if impl in match move mut ref self Self super true"
        " where",
    ),
    "java": _words(
        "abstract assert boolean break byte case catch char class continue default do double else"
        " enum extends final finally float for if implements import int interface long native new"
        " package private protected public record return short static super switch synchronized"
        " this throw throws transient try void volatile while",
        "boolean byte char class double extends false final float implements instanceof int long"
        " new null short super this throws true void",
    ),
    "c": _C,
    "cpp": Keywords(
        (*_C.statement, *_split("auto bool catch class constexpr delete explicit friend namespace new"
         " operator private protected public template this throw try typename using"
         " virtual")),
        (*_C.expression, *_split("auto bool const_cast delete dynamic_cast false new noexcept nullptr"
         " override reinterpret_cast static_cast this true typename")),
    ),
    "csharp": _words(
        "abstract async await base bool break case catch class const continue decimal default"
        " delegate do double else enum event finally float for foreach if in int interface internal"
        " lock long namespace new object out override private protected public readonly record ref"
        " return sealed short static string struct switch this throw try using var virtual void"
        " while yield",
        "as async await base bool decimal default double false float in int is long nameof new null"
        " object out ref string this true typeof var void when",
    ),
    "ruby": _words(
        "alias begin break case class def defined do else elsif end ensure for if in module next"
        " redo require require_relative rescue retry return super undef unless until when while"
        " yield",
        "and do false if in nil not or self super then true unless yield",
    ),
    "php": _words(
        "abstract break case catch class const continue declare default do echo else elseif enum"
        " extends final finally fn for foreach function global if implements include interface"
        " namespace new private protected public readonly require require_once return static switch"
        " throw trait try use while yield",
        "array as bool callable clone false float fn function instanceof int match new null"
        " parent self static string true void",
    ),
    "bash": _words("case do done elif else esac fi for function if in local return then until while"),
}  # fmt: skip
# What is there without a file that says so; that of other languages stands in stubs.
_SCRIPT_GLOBALS = _split(
    "Array ArrayBuffer BigInt Boolean Date Error Function Infinity Intl JSON Map Math NaN Number"
    " Object Promise Proxy RangeError Reflect RegExp Set String Symbol SyntaxError TypeError"
    " Uint8Array URL WeakMap WeakSet clearInterval clearTimeout console document fetch globalThis"
    " isNaN parseFloat parseInt process queueMicrotask setInterval setTimeout structuredClone"
    " window"
)
_TYPES = _split(
    "Awaited Exclude Extract Iterable IterableIterator NonNullable Omit Parameters Partial Pick"
    " PromiseLike Readonly ReadonlyArray Record Required ReturnType"
)
_PREDEFINED = {
    "javascript": _SCRIPT_GLOBALS,
    "typescript": (*_SCRIPT_GLOBALS, *_TYPES),
    "tsx": (*_SCRIPT_GLOBALS, *_TYPES),
}
_NONE = Keywords((), ())


def keywords(language: str, *, begins_statement: bool) -> tuple[str, ...]:
    """The keywords that may stand at the start of a statement, or inside of one."""
    found = _KEYWORDS.get(language, _NONE)
    if not begins_statement:
        return found.expression
    return tuple(dict.fromkeys((*found.statement, *found.expression)))


def predefined(language: str) -> tuple[str, ...]:
    """Names that every file of a language has."""
    return _PREDEFINED.get(language, ())
