"""The scorer's exports: `componentize-py` finds the classes by the names of the interfaces that they implement."""

from pathlib import Path

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.descriptor import (
    Authentication_None_,
    AutomaticSubmission,
    PostingPart,
    Unread,
)
from wit_world.exports.descriptor import Descriptor as Description
from wit_world.imports.judgement import Evaluation, Signal, SignalKind_Custom
from wit_world.imports.types import Context, Delivery, Error, ErrorKind, Posting, Value_Integer, Value_Texts

import clarity

# Read while the component is built; where it runs there is no file.
SETTINGS = Path(__file__).with_name("settings.json").read_text(encoding="utf-8")

#: All that is not looked at: Prospector does not hand it over then, which is cheaper.
UNREAD = [part for part in PostingPart if part not in (PostingPart.TITLE, PostingPart.DESCRIPTION)]


class Descriptor(exports.Descriptor):
    def describe(self) -> Description:
        return Description(
            id="clarity",
            display_name="Clarity",
            version="0.1.0",
            summary="Scores how clearly a posting says what is wanted.",
            origins=[],
            routes=[],
            authentication=Authentication_None_(),
            settings=SETTINGS,
            rate_limits=[],
            content_retention=None,
            automatic_submission=AutomaticSubmission.FORBIDDEN,
            judges_without=[Unread(part, []) for part in UNREAD],
        )


class Scoring(exports.Scoring):
    def score(self, context: Context, postings: list[Posting]) -> list[Evaluation]:
        topics, enough = settings(context)
        return [evaluation(posting, topics, enough) for posting in postings]


def settings(context: Context) -> tuple[list[str], int]:
    """The settings: Prospector has held them to the schema and filled in the defaults."""
    match {setting.name: setting.value for setting in context.settings}:
        case {"topics": Value_Texts(topics), "words_enough": Value_Integer(enough)}:
            return topics, enough
        case _:
            raise Err(Error(ErrorKind.INVALID_INPUT, "topics", "`topics` or `words_enough` is missing", None, Delivery.NOT_SENT, None))


def evaluation(posting: Posting, topics: list[str], enough: int) -> Evaluation:
    reading = clarity.read(f"{posting.title}\n{posting.description}", topics)
    missing = [topic for topic in topics if topic not in reading.topics]
    return Evaluation(
        signals=[
            Signal(
                kind=SignalKind_Custom("clarity"),
                value=reading.value,
                raw=f"{reading.words} words, {len(reading.topics)} of {len(topics)} topics",
                reason=f"It says nothing of {', '.join(missing)}" if missing else "It speaks of every topic that you want to read of",
                missing=[],
                # A few words may be clear by chance.
                confidence=min(1.0, reading.words / enough),
            )
        ],
        adjustments=[],
    )
