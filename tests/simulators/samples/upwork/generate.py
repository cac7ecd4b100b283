#!/usr/bin/env python3
"""Writes the Upwork sample jobs and clients beside this script. Deterministic: the same script gives the same files.

The words are those of the other platform's samples (../trades.py, ../story.py, ../oddities.py); the categories with their real
ids are categories.jsonl, which is not generated. Run it after changing any of them, and commit what it writes.
"""

import json
import random
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
sys.dont_write_bytecode = True

from oddities import LONG_SECTIONS, ODDITIES  # noqa: E402
from story import tell, write  # noqa: E402
from trades import SKILLS  # noqa: E402

RANDOM = random.Random(20260221)
JOBS = 320
NAME_OF = {number: name for number, name, _ in SKILLS}
LABELS = {}
SERVICES = {}
for line in (HERE / "categories.jsonl").read_text(encoding="utf-8").splitlines():
    for sub in json.loads(line)["subcategories"]:
        LABELS[sub["label"]] = sub["id"]
        SERVICES[sub["id"]] = [service["id"] for service in sub.get("services", [])]

# The subcategory of a trade, by its first skill.
HOME = {
    "Android": "Mobile Development", "Flutter": "Mobile Development", "iPhone": "Mobile Development",
    "React Native": "Mobile Development", "AutoCAD": "3D Modeling & CAD", "Blog Writing": "Content Writing",
    "Bookkeeping": "Accounting & Bookkeeping", "C++": "Desktop Application Development",
    "Contract Law": "Corporate & Contract Law", "Data Analysis": "Data Analysis & Testing",
    "Data Entry": "Data Entry & Transcription Services", "Editing": "Editing & Proofreading Services",
    "English to German Translation": "Translation & Localization Services",
    "English to Spanish Translation": "Translation & Localization Services", "Go": "Web Development",
    "HTML": "Web & Mobile Design", "Illustration": "Art & Illustration",
    "Internet Security": "Information Security & Compliance", "Kubernetes": "DevOps & Solution Architecture",
    "Lead Generation": "Lead Generation & Telemarketing", "Logo Design": "Branding & Logo Design",
    "Machine Learning": "AI & Machine Learning", "PCB Layout": "Electrical & Electronic Engineering",
    "PHP": "Web Development", "Python": "Scripts & Utilities", "React.js": "Web Development", "Rust": "Web Development",
    "SEO": "Digital Marketing", "Shopify": "Ecommerce Development", "Software Testing": "QA Testing",
    "Technical Writing": "Professional & Business Writing", "Transcription": "Data Entry & Transcription Services",
    "User Interface Design": "Web & Mobile Design", "Video Editing": "Video & Animation", "Vue.js": "Web Development",
    "WordPress": "Web Development",
}
# The platform's names for skills that the other platform calls otherwise.
PLATFORM_NAMES = {"React.js": "React", "REST API": "RESTful API", "Excel": "Microsoft Excel", "HTML": "HTML5",
                  "iPhone": "iOS", "Amazon Web Services": "AWS", "Internet Security": "Information Security"}
# Country as the platform gives it, city, time zone.
PLACES = [
    ("United States", "Portland", "America/Los_Angeles"), ("USA", "Austin", "America/Chicago"),
    ("United States", None, None), ("United Kingdom", "Leeds", "Europe/London"), ("GBR", None, None),
    ("Germany", "Leipzig", "Europe/Berlin"), ("DEU", "Kiel", "Europe/Berlin"), ("Australia", "Hobart", "Australia/Hobart"),
    ("India", "Pune", "Asia/Kolkata"), ("IND", None, None), ("Canada", "Halifax", "America/Halifax"),
    ("France", "Nantes", "Europe/Paris"), ("Netherlands", "Utrecht", "Europe/Amsterdam"), ("Spain", "Bilbao", "Europe/Madrid"),
    ("Israel", "Haifa", "Asia/Jerusalem"), ("Pakistan", "Lahore", "Asia/Karachi"), ("Nigeria", "Ibadan", "Africa/Lagos"),
    ("Sweden", "Umeå", "Europe/Stockholm"), ("Brazil", "Recife", "America/Recife"), ("Japan", "Sapporo", "Asia/Tokyo"),
    ("South Africa", "Durban", "Africa/Johannesburg"), ("United Arab Emirates", "Sharjah", "Asia/Dubai"),
    ("Ireland", "Galway", "Europe/Dublin"), (None, None, None),
]
ENGAGEMENTS = ["Less than 30 hrs/week", "30+ hrs/week", "Hours to be determined", "As needed - open to offers", None]
RATES = [(5, 10), (8, 20), (15, 35), (25, 50), (40, 75), (60, 120)]
PRICES = [20, 50, 120, 250, 500, 900, 1500, 3200, 7500, 18000]


def clients():
    made = []
    for index in range(130):
        country, city, zone = PLACES[index % len(PLACES)] if index % 3 else PLACES[RANDOM.randint(0, 2)]
        kind = RANDOM.choices(["new", "good", "average", "bad"], [26, 44, 22, 8])[0]
        client = {"id": 21000001 + index * 13, "hires": 0, "posted": RANDOM.randint(1, 3), "reviews": 0, "feedback": 0.0,
                  "spent": RANDOM.choice([None, 0.0]), "verified": RANDOM.random() < 0.45, "private": False,
                  "country": country, "city": city, "timezone": zone, "age_days": RANDOM.randint(0, 40)}
        if kind != "new":
            low, high = {"good": (4.6, 5.0), "average": (3.6, 4.6), "bad": (1.0, 3.2)}[kind]
            client["posted"] = RANDOM.randint(2, 120 if kind == "good" else 25)
            client["hires"] = max(1, int(client["posted"] * RANDOM.uniform(0.2 if kind == "bad" else 0.45, 1.1)))
            client["reviews"] = RANDOM.randint(1, client["hires"])
            client["feedback"] = round(RANDOM.uniform(low, high), 2)
            client["private"] = RANDOM.random() < 0.08
            client["spent"] = None if client["private"] else round(client["hires"] * RANDOM.lognormvariate(5.6, 1.1), 2)
            client["verified"] = RANDOM.random() < 0.93
            client["age_days"] = RANDOM.randint(60, 4200)
        if index in (17, 58, 99):
            client["worked"] = "Import of sensor readings"
        made.append(client)
    return made


def platform_name(skill):
    return PLATFORM_NAMES.get(skill, skill)


def terms(job, kind, size):
    """Budget, duration, engagement, level."""
    if kind == "both":
        kind = RANDOM.choice(["fixed", "hourly"])
    chance = RANDOM.random()
    if kind == "fixed":
        price = PRICES[max(0, min(len(PRICES) - 1, size * 2 - 2 + RANDOM.choice([-1, 0, 0, 1, 2])))]
        job["budget"] = {"none": None} if chance < 0.05 else {"fixed": float(price + RANDOM.choice([0, 0, 0, 5, 49]))}
        if RANDOM.random() < 0.7:
            job["duration"] = RANDOM.choice(["WEEK", "MONTH", "QUARTER"])
    else:
        low, high = RATES[max(0, min(5, size + RANDOM.choice([-1, 0, 0, 1])))]
        job["budget"] = {"hourly": [None, None] if chance < 0.14 else [float(low)] * 2 if chance < 0.22 else [float(low), float(high)]}
        if RANDOM.random() < 0.9:
            job["duration"] = RANDOM.choice(["WEEK", "MONTH", "MONTH", "QUARTER", "SEMESTER", "ONGOING"])
        job["engagement"] = RANDOM.choices(ENGAGEMENTS, [50, 25, 10, 5, 10])[0]
    job["level"] = RANDOM.choices(["ENTRY_LEVEL", "INTERMEDIATE", "EXPERT", "NONE"], [15, 50, 32, 3])[0]


def jobs(people):
    made, titles = [], set()
    odd_places = {5 + index * 15: odd for index, odd in enumerate(ODDITIES)}
    for index in range(JOBS):
        # Newest first in the file; a few a minute ago, most within a week, some weeks old.
        age = int(1 + index * 9 + (index / 64) ** 5 * 4 + RANDOM.random() * 7)
        job = {"id": 2024000000000000001 + (JOBS - index) * 7340033, "client": RANDOM.choice(people)["id"], "title": "",
               "description": "", "age_minutes": age}
        odd = odd_places.get(index)
        if odd:
            terms(job, "both", 2)
            job["title"], job["description"] = odd["title"], odd["description"]
            if job["description"] == "LONG":
                job["description"] = "\n\n".join(
                    f"{number + 1}. {LONG_SECTIONS[number % len(LONG_SECTIONS)]}" for number in range(240))
            names = [NAME_OF[number] for number in odd["skills"]]
            sub = LABELS[RANDOM.choice(["Web Development", "Scripts & Utilities", "Other - Software Development"])]
        else:
            kind, size, names, job["title"], job["description"] = tell(RANDOM, titles)
            names = names[:RANDOM.randint(1, len(names))]
            sub = LABELS[HOME[names[0]]]
            terms(job, kind, size)
        # One job in twelve stands in a category of its own choosing, so that all of them are met.
        if index % 12 == 3:
            sub = RANDOM.choice(list(LABELS.values()))
        job["subcategory"] = sub
        if SERVICES[sub] and RANDOM.random() < 0.8:
            job["service"] = RANDOM.choice(SERVICES[sub])
        job["skills"] = list(dict.fromkeys(platform_name(name) for name in names))
        job["applicants"] = 0 if age < 15 or RANDOM.random() < 0.05 else int(RANDOM.lognormvariate(2.5, 1.0))
        if index % 40 == 11:
            # The older form, of before 2024; such jobs are renewed again and again.
            job["id"] = 1600000000000000001 + index * 104729
            job["ciphertext"] = "~01" + "".join(RANDOM.choice("0123456789abcdef") for _ in range(16))
            job["renewed_minutes"] = age // 2
        if index % 29 == 7:
            job["currency"] = RANDOM.choice(["EUR", "GBP", "AUD", "INR"])
        if index in (90, 211):
            job["level"] = None
        if index % 53 == 20:
            job["hire"] = 0
        elif RANDOM.random() < 0.05:
            job["hire"] = RANDOM.randint(2, 12)
        if RANDOM.random() < 0.06:
            job["premium"] = True
        if RANDOM.random() < 0.04:
            job["enterprise"] = True
        if RANDOM.random() < 0.07:
            job["preferred"] = RANDOM.choice([["United States"], ["Germany", "Austria"], ["Americas"], ["India"]])
        made.append(job)
    return made


if __name__ == "__main__":
    people = clients()
    write(HERE / "clients.jsonl", people)
    write(HERE / "jobs.jsonl", jobs(people))
