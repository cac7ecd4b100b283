"""Which of several texts are copies of an earlier one, but for a few words.

Nothing here knows of Prospector: plain texts in, plain numbers out, so that the tests need nothing but Python.
"""

import re
from itertools import islice

#: Words of a run that texts are compared by.
RUN = 3
#: Words of a text that are looked at.
LOOKED_AT = 400

_WORD = re.compile(r"\w+")


def runs(text: str) -> frozenset[tuple[str, ...]]:
    """Every run of words that stands in a text, whatever its case and marks."""
    words = [match.group().casefold() for match in islice(_WORD.finditer(text), LOOKED_AT)]
    return frozenset(zip(*(words[start:] for start in range(RUN))))


def likeness(one: frozenset, other: frozenset) -> float:
    """What part of all runs both texts have, from 0 to 1. Texts too short to have a run are like no other."""
    both = len(one & other)
    return both / (len(one) + len(other) - both) if both else 0.0


def copies(texts: list[str], least: float) -> list[tuple[int, float] | None]:
    """For each text the first one before it that it is a copy of, with their likeness; none where there is no such."""
    kept: list[tuple[int, frozenset]] = []
    found: list[tuple[int, float] | None] = []
    for at, text in enumerate(texts):
        own = runs(text)
        original = next(((before, like) for before, there in kept if (like := likeness(own, there)) >= least), None)
        found.append(original)
        if original is None:
            kept.append((at, own))
    return found
