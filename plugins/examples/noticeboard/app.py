"""The platform's exports: `componentize-py` finds the classes by the names of the interfaces that they implement."""

from pathlib import Path
from urllib.parse import urlencode

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.account import Explanation, Identity, Refusal
from wit_world.exports.descriptor import (
    Access,
    ApiKey,
    Authentication_ApiKey,
    AutomaticSubmission,
    Origin,
    Placement,
    PostingPart,
    RateLimit,
    Route,
    Unread,
)
from wit_world.exports.descriptor import Descriptor as Description
from wit_world.exports.search import Page, Query, Unreadable
from wit_world.imports import http
from wit_world.imports.judgement import (
    Drop,
    Evaluation,
    Signal,
    SignalKind_Budget,
    SignalKind_ClientHistory,
    SignalKind_Competition,
    SignalKind_SkillMatch,
    SignalKind_Timeline,
    Verdict_Drop,
    Verdict_Keep,
)
from wit_world.imports.types import Attribute, Context, Delivery, Error, ErrorKind, Method, Posting

import feed
import judging
from postings import best, location, posting

# Read while the component is built; where it runs there is no file.
SETTINGS = Path(__file__).with_name("settings.json").read_text(encoding="utf-8")

#: The name of the board's one origin, and of its credential.
API, KEY = "api", "key"
#: Where a person gets a key.
REGISTRATION = "https://noticeboard.example/account/keys"
#: Jobs that the board gives at most in one answer.
MOST_JOBS = 50
#: What no judging looks at: Prospector does not hand it over then, which is cheaper.
UNREAD = [PostingPart.IDENTIFIERS, PostingPart.TITLE, PostingPart.DESCRIPTION, PostingPart.URL]

#: What the board's refusals mean, by status.
KINDS = {
    401: ErrorKind.UNAUTHENTICATED,
    403: ErrorKind.FORBIDDEN,
    404: ErrorKind.NOT_FOUND,
    429: ErrorKind.RATE_LIMITED,
}


class Descriptor(exports.Descriptor):
    def describe(self) -> Description:
        return Description(
            id="noticeboard",
            display_name="Notice Board",
            version="0.1.0",
            summary="Jobs of a made-up board, read in Python.",
            origins=[Origin(API, "https://api.noticeboard.example")],
            routes=[
                Route(API, "/v1/me", [Method.GET], Access.READ, [], "know whose key it is"),
                Route(API, "/v1/jobs", [Method.GET], Access.READ, [], "read jobs"),
            ],
            authentication=Authentication_ApiKey(ApiKey(KEY, Placement("X-Api-Key", ""), [API], REGISTRATION)),
            settings=SETTINGS,
            rate_limits=[RateLimit(60, 60)],
            content_retention=None,
            automatic_submission=AutomaticSubmission.FORBIDDEN,
            judges_without=[Unread(part, []) for part in UNREAD],
        )


class Account(exports.Account):
    def identify(self, settings: list[Attribute]) -> Identity:
        id, name = understood(ask("/v1/me", {}), "the account", feed.account)
        return Identity(id=id, username=name, permissions=[], attributes=[])

    def explain(self, refusal: Refusal) -> Explanation | None:
        if refusal.status != 401:
            return None
        return Explanation("Key refused", "The board does not accept the API key.", f"Get a key at {REGISTRATION}, and connect again.", True)


class Search(exports.Search):
    def search(self, query: Query) -> Page:
        offset = position(query.cursor)
        wanted: dict[str, object] = {"limit": max(1, min(query.limit, MOST_JOBS)), "offset": offset}
        match values(query.settings).get("tags"):
            case [*tags] if tags:
                wanted["tag"] = tags
        if query.since is not None:
            wanted["since"] = query.since
        jobs, total = understood(ask("/v1/jobs", wanted), "the jobs", feed.page)
        page = Page(postings=[], unreadable=[], notices=[], next=None, total=total)
        for entry in jobs[: query.limit]:
            try:
                page.postings.append(posting(feed.job(entry)))
            except feed.Unreadable as odd:
                page.unreadable.append(Unreadable(odd.id, odd.title, odd.reason))
        end = offset + len(jobs)
        if jobs and (total is None or end < total):
            page.next = str(end)
        return page


class Screening(exports.Screening):
    def screen(self, context: Context, postings: list[Posting]) -> list[Verdict_Keep | Verdict_Drop]:
        own = values(context.settings)
        remote_only, least = bool(own.get("remote_only", True)), float(own.get("min_hourly_usd", 0))
        reasons = (judging.dropped(location(of), best(of, hourly=True), remote_only, least) for of in postings)
        return [Verdict_Keep() if reason is None else Verdict_Drop(Drop(*reason)) for reason in reasons]


class Scoring(exports.Scoring):
    def score(self, context: Context, postings: list[Posting]) -> list[Evaluation]:
        return [evaluation(context, of) for of in postings]


def evaluation(context: Context, of: Posting) -> Evaluation:
    profile = context.profile
    rates, hourly = profile.rates, best(of, hourly=True)
    wanted = (rates.hourly_minimum, rates.hourly_preferred) if hourly is not None else (rates.fixed_minimum, rates.fixed_preferred)
    minimum, preferred = (None if rate is None else round(rate * (rates.usd_rate or 1.0)) for rate in wanted)
    known = [name for skill in profile.skills for name in [skill.name, *skill.aliases]]
    readings = [
        (SignalKind_SkillMatch(), judging.skills(of.skills, known)),
        (SignalKind_Budget(), judging.budget(hourly if hourly is not None else best(of, hourly=False), minimum, preferred)),
        (SignalKind_ClientHistory(), judging.unknown("The board says nothing of who posts", "client")),
        (SignalKind_Competition(), judging.competition(of.competition and of.competition.proposals.minimum)),
        (SignalKind_Timeline(), judging.timeline(of.workload and of.workload.minimum, profile.availability.hours_per_week)),
    ]
    signals = [Signal(kind, of.value, of.raw, of.reason, list(of.missing), of.confidence) for kind, of in readings]
    return Evaluation(signals=signals, adjustments=[])


def position(cursor: str | None) -> int:
    """Where a page begins: what this plugin has said itself at the end of the one before."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 9):
        raise Err(Error(ErrorKind.INVALID_INPUT, None, "The cursor is none of this plugin's", None, Delivery.NOT_SENT, None))
    return int(cursor)


def values(settings: list[Attribute]) -> dict[str, object]:
    """The settings: Prospector has held them to the schema and filled in the defaults."""
    return {setting.name: setting.value.value for setting in settings}


def ask(path: str, parameters: dict[str, object]) -> http.Response:
    """Sends a request with the key, which only Prospector knows. An answer that is no success becomes an error that says what to do."""
    query = urlencode(parameters, doseq=True)
    url = f"{http.origin(API)}{path}{'?' if query else ''}{query}"
    # What keeps an answer from coming is raised as it is.
    response = http.fetch(http.Request(Method.GET, url, [], None, KEY, None))
    if 200 <= response.status < 300:
        return response
    kind = KINDS.get(response.status, ErrorKind.UNAVAILABLE if response.status >= 500 else ErrorKind.UNEXPECTED_ANSWER)
    said = feed.refusal(response.body)
    remedy = f"Get a key at {REGISTRATION}, and connect again." if kind is ErrorKind.UNAUTHENTICATED else None
    message = f"The board refuses {path} with status {response.status}" + (f": {said[:500]}" if said else "")
    raise Err(Error(kind, str(response.status), message, remedy, Delivery.SENT, response.retry_after))


def understood(response: http.Response, what: str, read):
    """What an answer says, by one of `feed`'s readers."""
    try:
        return read(response.body)
    except ValueError as why:
        message = f"The board's answer for {what} cannot be understood: {why}"
        raise Err(Error(ErrorKind.UNEXPECTED_ANSWER, None, message, None, Delivery.SENT, None)) from None
