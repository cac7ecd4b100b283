"""python -m unittest: native, without WebAssembly."""

import json
import unittest
from pathlib import Path

import feed
import judging

JOB = {
    "id": "j-1",
    "epoch": 1_790_000_000,
    "closes": "2026-10-05T12:00:00Z",
    "position": "Parser for lab reports",
    "company": "Fjord Labs",
    "description": "Read three formats of reports, and write one.",
    "tags": ["rust", "parsing"],
    "location": "Worldwide",
    "pay_min": 60,
    "pay_max": 90.5,
    "pay_per": "hour",
    "hours_per_week": 20,
    "weeks": 6,
    "applicants": 4,
    "url": "https://noticeboard.example/jobs/j-1",
}


class Feed(unittest.TestCase):
    def test_a_job_is_read_as_it_is(self):
        job = feed.job(JOB)
        self.assertEqual((job.pay_min, job.pay_max, job.posted_at, job.closes_at), (6000, 9050, 1_790_000_000, 1_791_201_600))
        self.assertEqual((job.tags, job.location), (("rust", "parsing"), "Worldwide"))

    def test_an_odd_field_costs_that_field(self):
        for odd in [None, True, [], {}, "", "NaN", float("nan"), float("inf"), -1, 10**400, "\ud800"]:
            for key in JOB.keys() - {"id", "url"}:
                self.assertEqual(feed.job(JOB | {key: odd}).id, "j-1", (key, odd))

    def test_what_cannot_be_shown_says_why(self):
        for entry, why in [(7, "no job"), (JOB | {"id": None}, "no id"), (JOB | {"url": "http://x"}, "no https url")]:
            with self.assertRaises(feed.Unreadable) as raised:
                feed.job(entry)
            self.assertIn(why, raised.exception.reason)

    def test_an_answer_that_is_none_is_an_error_and_no_empty_page(self):
        for body in [b"", b"<html>", b"null", b"[]", b'{"jobs": 7}', b"[" * 100_000]:
            for read in [feed.page, feed.account]:
                with self.assertRaises(ValueError):
                    read(body)
        self.assertEqual(feed.page(b'{"jobs": [1], "total": 3}'), ([1], 3))
        self.assertEqual(feed.account(b'{"id": 7, "name": "ada"}'), ("7", "ada"))
        self.assertEqual(feed.refusal(b'{"error": "no such key"}'), "no such key")


class Judging(unittest.TestCase):
    def test_what_drops_a_job_is_named_with_the_values(self):
        self.assertIsNone(judging.dropped("Worldwide", 9000, True, 50))
        self.assertIsNone(judging.dropped(None, None, True, 50))
        self.assertEqual(judging.dropped("Oslo", 9000, True, 0), ("remote_only", "It is tied to Oslo"))
        self.assertIsNone(judging.dropped("Oslo", 9000, False, 0))
        self.assertEqual(judging.dropped(None, 4000, True, 50)[0], "min_hourly_usd")

    def test_every_signal_is_from_0_to_1_and_neutral_where_nothing_is_said(self):
        told = [
            judging.skills(["Rust", "Go"], ["rust"]),
            judging.budget(9000, 5000, 8000),
            judging.budget(100, 5000, 8000),
            judging.competition(500),
            judging.timeline(80, 40),
        ]
        self.assertEqual([reading.value for reading in told], [0.5, 1.0, 0.00625, 0.0, 0.5])
        for unknown in [judging.skills([], ["rust"]), judging.budget(None, 1, 2), judging.competition(None), judging.timeline(None, 40)]:
            self.assertEqual((unknown.value, unknown.confidence), (judging.NEUTRAL, 0.0))
            self.assertTrue(unknown.missing)

    def test_the_schema_describes_every_setting(self):
        schema = json.loads(Path(__file__).with_name("settings.json").read_text(encoding="utf-8"))
        for of in schema["properties"].values():
            self.assertTrue(of["description"])
            self.assertIn("default", of)


if __name__ == "__main__":
    unittest.main()
