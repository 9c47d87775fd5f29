"""From text to the words by which passages are found: identifiers are taken apart."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")
# A longer one is a hash or a picture.
_LONGEST = 40

# Words of questions that say nothing about the answer.
_STOP_WORDS = """
a about all also an and any are as at be been being but by can could did do does doing each else
for from further get gets getting given had has have having he her here his how i if in into is it
its itself just like me more most my no nor not of off on once only or other our out over own s
same she should so some such t than that the their them then there these they this those through
to too under until up us use used uses using very via was we were what when where whether which
while who whom whose why will with would you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())


def words_of(text: str) -> list[str]:
    """The words of a text in their order, in lower case: `readHTTPFile_2` has read, http, file."""
    return [each.lower() for each in _WORD.findall(text) if 1 < len(each) <= _LONGEST]


def question_words(question: str) -> list[str]:
    """The words of a question that count, each once; all of them if none does."""
    words = list(dict.fromkeys(words_of(question)))
    return [each for each in words if each not in STOP_WORDS] or words
