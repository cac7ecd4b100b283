"""Tells what a posting wants, from the parts in trades.py; both platforms' samples are made of it."""

import json
import re

from trades import CLOSINGS, FIRMS, TRADES


def write(path, rows):
    # Escaped to ASCII: an editor must not trip over what is in here on purpose.
    text = "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in rows)
    path.write_text(text, encoding="ascii")


def articles(text):
    return re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text)


def tell(chance, titles):
    """Kind, size, skills, title and description of a posting whose title is not among the titles, which gain it."""
    while True:
        kind, size, names, heads, details = chance.choice(TRADES)
        firm, thing = chance.choice(FIRMS)
        words = {"firm": firm, "thing": thing, "n": chance.choice([3, 4, 6, 8, 10, 12, 15, 20, 25, 40])}
        title, opening = (articles(text.format(**words)) for text in chance.choice(heads))
        if title not in titles:
            break
    titles.add(title)
    some = [articles(line.format(**words)) for line in chance.sample(details, chance.randint(1, len(details)))]
    joint = chance.choice([" ", " ", "\n\n", "\n- "])
    parts = [opening[0].upper() + opening[1:], *some, chance.choice(CLOSINGS)]
    return kind, size, names, title[0].upper() + title[1:], joint.join(parts).strip("\n- ")
