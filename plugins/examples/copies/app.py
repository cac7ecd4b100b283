"""The filter's exports: `componentize-py` finds the classes by the names of the interfaces that they implement."""

from pathlib import Path

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.descriptor import Authentication_None_, AutomaticSubmission, PostingPart, Unread
from wit_world.exports.descriptor import Descriptor as Description
from wit_world.imports.judgement import Drop, Verdict, Verdict_Drop, Verdict_Keep
from wit_world.imports.types import Context, Delivery, Error, ErrorKind, Posting, Value_Integer, Value_Number

import copies

# Read while the component is built; where it runs there is no file.
SETTINGS = Path(__file__).with_name("settings.json").read_text(encoding="utf-8")

#: All that is not looked at: Prospector does not hand it over then, which is cheaper.
UNREAD = [part for part in PostingPart if part not in (PostingPart.TITLE, PostingPart.DESCRIPTION)]


class Descriptor(exports.Descriptor):
    def describe(self) -> Description:
        return Description(
            id="copies",
            display_name="Copies",
            version="0.1.0",
            summary="Drops postings that repeat another one of the same page.",
            origins=[],
            routes=[],
            authentication=Authentication_None_(),
            settings=SETTINGS,
            rate_limits=[],
            content_retention=None,
            automatic_submission=AutomaticSubmission.FORBIDDEN,
            judges_without=[Unread(part, []) for part in UNREAD],
        )


class Screening(exports.Screening):
    def screen(self, context: Context, postings: list[Posting]) -> list[Verdict]:
        least = least_likeness(context)
        texts = [f"{posting.title}\n{posting.description}" for posting in postings]
        return [verdict(original, postings) for original in copies.copies(texts, least)]


def least_likeness(context: Context) -> float:
    """The setting: Prospector has held it to the schema and filled in the default."""
    match {setting.name: setting.value for setting in context.settings}:
        case {"least_likeness": Value_Number(least) | Value_Integer(least)}:
            return float(least)
        case _:
            raise Err(Error(ErrorKind.INVALID_INPUT, "least_likeness", "`least_likeness` is missing", None, Delivery.NOT_SENT, None))


def verdict(original: tuple[int, float] | None, postings: list[Posting]) -> Verdict:
    if original is None:
        return Verdict_Keep()
    at, likeness = original
    return Verdict_Drop(Drop("least_likeness", f"It repeats “{postings[at].title}”: {likeness:.0%} alike"))
