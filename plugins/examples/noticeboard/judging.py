"""What is dropped, and how well the rest fits.

Nothing here knows of Prospector: plain values in, plain values out, so that the tests need nothing but Python.
"""

from dataclasses import dataclass

#: The value of what cannot be told: neither good nor bad.
NEUTRAL = 0.5
#: So many others make it hopeless.
CROWD = 50


@dataclass(frozen=True)
class Reading:
    """What a signal measures: from 0 (bad) to 1 (good)."""

    value: float
    #: What was measured.
    raw: str
    #: Why the value is what it is.
    reason: str
    #: What would have been used, and was not there.
    missing: tuple[str, ...] = ()

    @property
    def confidence(self) -> float:
        return 0.0 if self.missing else 1.0


def unknown(what: str, *missing: str) -> Reading:
    """A signal of which nothing can be told."""
    return Reading(NEUTRAL, "not stated", what, missing)


def dropped(location: str | None, hourly: int | None, remote_only: bool, least: float) -> tuple[str, str] | None:
    """The setting that drops a job, and why. `hourly` is what it pays per hour at best, in hundredths of USD."""
    if remote_only and location is not None and location.casefold() not in ("worldwide", "anywhere", "remote"):
        return "remote_only", f"It is tied to {location}"
    if hourly is not None and hourly < least * 100:
        return "min_hourly_usd", f"It pays {hourly / 100:g} USD per hour at best, below {least:g}"
    return None


def skills(asked: list[str], known: list[str]) -> Reading:
    """How many of the skills that are asked for are known, by name."""
    if not asked:
        return unknown("It asks for no skill by name", "skills")
    names = {name.casefold() for name in known}
    covered = sum(skill.casefold() in names for skill in asked)
    return Reading(covered / len(asked), f"{covered} of {len(asked)} skills", f"You cover {covered} of {len(asked)} skills")


def budget(pays: int | None, minimum: int | None, preferred: int | None) -> Reading:
    """What it pays at best against what one wants, all in hundredths of USD: from nothing to the preferred rate."""
    if pays is None:
        return unknown("It does not say what it pays", "budget")
    if preferred is None or preferred <= 0:
        return unknown("Your profile has no preferred rate", "profile.rates")
    value = min(1.0, pays / preferred)
    raw = f"{pays / 100:g} USD"
    if minimum is not None and pays < minimum:
        return Reading(value / 2, raw, f"{raw} is below your minimum of {minimum / 100:g}")
    return Reading(value, raw, f"{raw}, where you prefer {preferred / 100:g}")


def competition(others: int | None) -> Reading:
    """The fewer the better."""
    if others is None:
        return unknown("It does not say how many want it", "competition")
    return Reading(max(0.0, 1 - others / CROWD), f"{others} others", f"{others} others want it")


def timeline(hours: int | None, available: int | None) -> Reading:
    """Whether it fits into a week."""
    if hours is None or available is None:
        return unknown("How much of the week it takes is not known", "workload")
    if hours <= available:
        return Reading(1.0, f"{hours} h a week", f"It takes {hours} of your {available} hours a week")
    return Reading(available / hours, f"{hours} h a week", f"It takes {hours} hours a week, and you have {available}")
