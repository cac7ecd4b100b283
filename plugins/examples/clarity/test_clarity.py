"""python -m unittest: native, without WebAssembly."""

import json
import unittest
from pathlib import Path

import clarity

TOPICS = ["deadline", "deliverable", "budget"]


class Clarity(unittest.TestCase):
    def test_a_clear_posting_is_worth_more_than_a_vague_one(self):
        clear = clarity.read(
            "Parser for 3 formats\n- Deliverables: a crate, and tests.\n- Deadline: 2026-10-01.\n- Budget: 2000 USD.", TOPICS
        )
        vague = clarity.read("Need developer for project, need good developer for good project, need project good", TOPICS)
        self.assertGreater(clear.value, 0.8)
        self.assertLess(vague.value, 0.5)
        self.assertEqual(clear.topics, tuple(TOPICS))

    def test_a_sentence_without_end_is_hard_to_read(self):
        self.assertEqual(clarity.read("word " * 100, []).readable, 0.0)
        self.assertEqual(clarity.read("We need a parser. It reads CSV.", []).readable, 1.0)

    def test_topics_are_words_in_any_case_and_in_the_plural(self):
        self.assertEqual(clarity.read("DEADLINES apply", TOPICS).topics, ("deadline",))
        self.assertEqual(clarity.read("undeadlined", TOPICS).topics, ())

    def test_every_value_is_from_0_to_1_whatever_the_text(self):
        for text in ["", " \n", "?!", "日本語のテキスト。", "a" * 10_000, "1 " * 500, "- \n- \n"]:
            reading = clarity.read(text, TOPICS)
            for value in [reading.value, reading.readable, reading.varied, reading.concrete, reading.answered]:
                self.assertTrue(0.0 <= value <= 1.0, (text[:10], reading))
        self.assertEqual(clarity.read("", TOPICS).value, 0.0)

    def test_the_schema_describes_every_setting(self):
        schema = json.loads(Path(__file__).with_name("settings.json").read_text(encoding="utf-8"))
        self.assertEqual(set(schema["properties"]), {"topics", "words_enough"})
        for of in schema["properties"].values():
            self.assertTrue(of["description"])
            self.assertIn("default", of)


if __name__ == "__main__":
    unittest.main()
