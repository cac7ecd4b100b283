"""The board's jobs as the contract's postings, and what judging reads off one."""

from wit_world.imports.types import (
    Attribute,
    Budget,
    Client,
    Competition,
    Payment_Fixed,
    Payment_Hourly,
    Payment_Unstated,
    Posting,
    PostingKind_Project,
    PostingStatus_Open,
    Span,
    Value_Text,
)

from feed import Job

#: Skills that the contract takes at most.
MOST_SKILLS = 100

#: The board says nothing of who posts, beside a name: no history is neutral, not bad.
NOBODY = Client(None, None, None, None, None, None, None, None, None, None, None)


def posting(job: Job) -> Posting:
    """A job as a posting."""
    has_pay = job.pay_max is not None
    extras = {"company": job.company, "location": job.location}
    return Posting(
        id=job.id,
        kind=PostingKind_Project(),
        title=job.title,
        url=job.url,
        description=job.description,
        status=PostingStatus_Open(),
        payment={"hour": Payment_Hourly(), "project": Payment_Fixed()}.get(job.pay_per or "", Payment_Unstated()),
        budget=Budget(job.pay_min, job.pay_max, "USD", 1.0) if has_pay else None,
        skills=list(job.tags[:MOST_SKILLS]),
        categories=[],
        experience=None,
        duration=None if job.weeks is None else exactly(job.weeks * 7),
        workload=None if job.hours_per_week is None else exactly(job.hours_per_week),
        language=None,
        posted_at=job.posted_at,
        updated_at=None,
        closes_at=job.closes_at,
        competition=None if job.applicants is None else Competition(exactly(job.applicants), None),
        client=NOBODY,
        attributes=[Attribute(name, Value_Text(text)) for name, text in extras.items() if text is not None],
    )


def exactly(number: int) -> Span:
    return Span(min(number, 2**32 - 1), min(number, 2**32 - 1))


def best(of: Posting, hourly: bool) -> int | None:
    """What it pays at best, in hundredths of USD: per hour, or for the whole."""
    is_hourly = isinstance(of.payment, Payment_Hourly)
    return of.budget.maximum if of.budget is not None and is_hourly == hourly else None


def location(of: Posting) -> str | None:
    """The place that it is tied to."""
    return next((extra.value.value for extra in of.attributes if extra.name == "location"), None)
