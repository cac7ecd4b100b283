"""python -m unittest: native, without WebAssembly."""

import json
import unittest
from pathlib import Path

import copies

SHOP = "We need a developer for our shop, who has built several shops before and can show them to us. Start: today."


class Copies(unittest.TestCase):
    def test_a_copy_is_found_whatever_its_case_and_marks(self):
        texts = [SHOP, "Write a compiler for a small language of ours", SHOP.upper() + "!!", SHOP.replace("today", "now")]
        found = copies.copies(texts, 0.8)
        self.assertEqual([original and original[0] for original in found], [None, None, 0, 0])
        self.assertEqual(found[2][1], 1.0)

    def test_texts_of_few_words_are_no_copies(self):
        self.assertEqual(copies.copies(["Logo", "Logo", ""], 0.1), [None, None, None])

    def test_likeness_is_the_part_that_both_have(self):
        one, other = copies.runs("a b c d e"), copies.runs("a b c d x")
        self.assertEqual(copies.likeness(one, other), 0.5)
        self.assertEqual(copies.likeness(one, one), 1.0)

    def test_the_schema_describes_every_setting(self):
        schema = json.loads(Path(__file__).with_name("settings.json").read_text(encoding="utf-8"))
        self.assertEqual(set(schema["properties"]), {"least_likeness"})
        for of in schema["properties"].values():
            self.assertTrue(of["description"])
            self.assertIn("default", of)


if __name__ == "__main__":
    unittest.main()
