"""The board's answers, read leniently: one odd field costs that field, one odd job that job, never the page.

Nothing here knows of Prospector: bytes and plain values in, plain values out, so that the tests need nothing but Python.
"""

import json
import math
from dataclasses import dataclass
from datetime import datetime, timezone


class Unreadable(Exception):
    """A job that cannot be shown, and why; what it calls itself, as far as it says so."""

    def __init__(self, reason: str, id: str | None = None, title: str | None = None):
        super().__init__(reason)
        self.reason, self.id, self.title = reason, id, title


@dataclass(frozen=True)
class Job:
    """A job as the board has it. What it does not say is None."""

    id: str
    url: str
    title: str
    description: str
    tags: tuple[str, ...]
    company: str | None
    #: `Worldwide`, or the place that it is tied to.
    location: str | None
    #: In hundredths of USD: per hour, or for the whole.
    pay_min: int | None
    pay_max: int | None
    #: `hour` or `project`.
    pay_per: str | None
    hours_per_week: int | None
    weeks: int | None
    applicants: int | None
    #: Seconds since 1970.
    posted_at: int | None
    closes_at: int | None


def account(body: bytes) -> tuple[str, str]:
    """Whose key it is: the account's lasting identifier, and its name. A ValueError says what is wrong with the answer."""
    answer = _object(body)
    id, name = _text(answer.get("id")), _text(answer.get("name"))
    if id is None or name is None:
        raise ValueError("it names nobody")
    return id, name


def page(body: bytes) -> tuple[list[object], int | None]:
    """The jobs of a page, not yet read, and how many there are in all. A ValueError says what is wrong with the answer."""
    answer = _object(body)
    jobs = answer.get("jobs")
    if not isinstance(jobs, list):
        raise ValueError("it has no list of jobs")
    return jobs, _count(answer.get("total"))


def refusal(body: bytes) -> str | None:
    """What the board says of a refusal."""
    try:
        return _text(_object(body).get("error"))
    except ValueError:
        return None


def job(entry: object) -> Job:
    """A job. Without identifier or address it is none: there would be nothing to show."""
    if not isinstance(entry, dict):
        raise Unreadable("It is no job")
    id, url, title = (_text(entry.get(key)) for key in ("id", "url", "position"))
    if id is None:
        raise Unreadable("It has no id", None, title)
    if url is None or not url.startswith("https://"):
        raise Unreadable("It has no https url", id, title)
    tags = entry.get("tags")
    pays = sorted(amount for key in ("pay_min", "pay_max") if (amount := _hundredths(entry.get(key))) is not None)
    return Job(
        id=id,
        url=url,
        title=title or f"Job {id}",
        description=_text(entry.get("description")) or "",
        tags=tuple(tag for tag in map(_text, tags) if tag is not None) if isinstance(tags, list) else (),
        company=_text(entry.get("company")),
        location=_text(entry.get("location")),
        pay_min=pays[0] if len(pays) == 2 else None,
        pay_max=pays[-1] if pays else None,
        pay_per=_text(entry.get("pay_per")),
        hours_per_week=_count(entry.get("hours_per_week")),
        weeks=_count(entry.get("weeks")),
        applicants=_count(entry.get("applicants")),
        posted_at=_time(_count(entry.get("epoch"))),
        closes_at=_date(_text(entry.get("closes"))),
    )


def _object(body: bytes) -> dict[str, object]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(answer, dict):
        raise ValueError("it is no object")
    return answer


def _text(value: object) -> str | None:
    match value:
        case bool():
            return None
        case str() if value.strip():
            # Half of a pair of surrogates is no text.
            return value.strip().encode("utf-8", "replace").decode("utf-8")
        case int():
            return str(value)
        case _:
            return None


def _number(value: object) -> float | None:
    try:
        number = None if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if number is not None and math.isfinite(number) and number >= 0 else None


def _count(value: object) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number < 2**32 else None


def _hundredths(value: object) -> int | None:
    number = _number(value)
    return round(number * 100) if number is not None and number < 10**12 else None


def _time(seconds: int | None) -> int | None:
    # 0 is what feeds write where they know nothing.
    return seconds or None


def _date(text: str | None) -> int | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp())
