"""How clearly a posting says what is wanted.

Nothing here knows of Prospector: plain texts in, plain numbers out, so that the tests need nothing but Python.
"""

import re
from dataclasses import dataclass

#: A sentence of so many words reads well; one of twice as many does not.
READABLE = 25
#: Words of which the variety is looked at: longer texts repeat words whatever they say.
LOOKED_AT = 200

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SENTENCE = re.compile(r"[.!?]+(?:\s|$)|\n+")
_CONCRETE = re.compile(r"\d|https?://|^\s*(?:[-*•]|\d+[.)])\s", re.MULTILINE)


@dataclass(frozen=True)
class Reading:
    """What was measured of a text, each from 0 to 1."""

    readable: float
    varied: float
    concrete: float
    answered: float
    words: int
    #: Which of the topics that a person wants to read of are there.
    topics: tuple[str, ...]

    @property
    def value(self) -> float:
        """All of it together: a text without a word has nothing to say."""
        if self.words == 0:
            return 0.0
        return (self.readable + self.varied + self.concrete + self.answered) / 4


def read(text: str, topics: list[str]) -> Reading:
    """Measures a text. Topics are found as words, in any case, and in the plural."""
    words = [word.casefold() for word in _WORD.findall(text)]
    sentences = [count for part in _SENTENCE.split(text) if (count := len(_WORD.findall(part)))]
    longest = sorted(sentences, reverse=True)[: max(1, len(sentences) // 4)]
    average = sum(longest) / len(longest) if longest else 0
    looked_at = words[:LOOKED_AT]
    there = set(words)
    found = tuple(topic for topic in topics if _is_there(topic.casefold(), there))
    return Reading(
        # A quarter of the sentences, the longest: one that nobody can follow is not made good by three short ones.
        readable=_within(2 - average / READABLE) if words else 0.0,
        varied=_within(2 * len(set(looked_at)) / len(looked_at) - 0.4) if looked_at else 0.0,
        concrete=_within(len(_CONCRETE.findall(text)) / 5),
        answered=len(found) / len(topics) if topics else 1.0,
        words=len(words),
        topics=found,
    )


def _is_there(topic: str, words: set[str]) -> bool:
    return all(part in words or f"{part}s" in words for part in topic.split())


def _within(value: float) -> float:
    return min(1.0, max(0.0, value))
