#!/usr/bin/env python3
"""Writes the sample files beside this script. Deterministic: the same script gives the same files.

Run it after changing trades.py, story.py or oddities.py, and commit what it writes.
"""

import random
from pathlib import Path

from oddities import LONG_SECTIONS, ODDITIES
from story import tell, write
from trades import SKILLS

HERE = Path(__file__).parent
RANDOM = random.Random(20240229)
BY_NAME = {name: number for number, name, _ in SKILLS}
PROJECTS = 300
CITIES = {
    "us": ("Portland", 45.52, -122.68), "gb": ("Leeds", 53.8, -1.55), "de": ("Leipzig", 51.34, 12.37),
    "au": ("Hobart", -42.88, 147.33), "in": ("Pune", 18.52, 73.86), "ca": ("Halifax", 44.65, -63.57),
    "nz": ("Dunedin", -45.87, 170.5), "sg": ("Singapore", 1.35, 103.82), "hk": ("Kowloon", 22.32, 114.17),
    "fr": ("Nantes", 47.22, -1.55), "nl": ("Utrecht", 52.09, 5.12), "es": ("Bilbao", 43.26, -2.93),
    "ae": ("Sharjah", 25.35, 55.42), "pk": ("Lahore", 31.55, 74.34), "ng": ("Ibadan", 7.38, 3.95),
    "se": ("Umeå", 63.83, 20.26), "br": ("Recife", -8.05, -34.88), "il": ("Haifa", 32.79, 34.99),
    "jp": ("Sapporo", 43.06, 141.35), "za": ("Durban", -29.86, 31.02),
}
CURRENCY_OF = {"us": "USD", "gb": "GBP", "de": "EUR", "fr": "EUR", "nl": "EUR", "es": "EUR", "au": "AUD",
               "in": "INR", "ca": "CAD", "nz": "NZD", "sg": "SGD", "hk": "HKD"}
PER_USD = {"INR": 80, "HKD": 8}
STEPS = {1: (10, 30), 2: (30, 250), 3: (250, 750), 4: (750, 1500), 5: (1500, 3000)}
LARGER = [(3000, 5000), (5000, 10000), (10000, 20000)]
RATES = [(2, 8), (8, 15), (15, 25), (25, 50), (50, 90)]


def owners():
    made = []
    syllables = ["ar", "ben", "cal", "dor", "el", "fin", "gar", "hol", "in", "jor", "kel", "lum", "mor", "nor", "ol",
                 "pen", "quil", "ros", "sel", "tam", "ul", "ver", "wil", "yor", "zan"]
    for index in range(120):
        country = RANDOM.choice(list(CITIES)) if index % 3 else "us"
        name = RANDOM.choice(syllables) + RANDOM.choice(syllables) + RANDOM.choice(["", "co", "_shop", "", str(RANDOM.randint(2, 99))])
        kind = RANDOM.choices(["new", "good", "average", "bad"], [28, 42, 22, 8])[0]
        if kind == "new":
            rating, reviews, completed, incomplete = 0.0, 0, 0, RANDOM.choice([0, 0, 0, 1])
            verified = RANDOM.choice([[], ["email"], ["email", "payment"], ["email", "phone"]])
            age = RANDOM.randint(0, 60)
        else:
            low, high = {"good": (4.6, 5.0), "average": (3.6, 4.6), "bad": (1.0, 3.2)}[kind]
            rating = round(RANDOM.uniform(low, high), 1)
            reviews = RANDOM.randint(1, 90 if kind == "good" else 12)
            completed = reviews + RANDOM.randint(0, 5)
            incomplete = RANDOM.randint(0, 2 if kind == "good" else 9)
            verified = ["email", "payment", "deposit"] + RANDOM.sample(["phone", "identity", "profile"], RANDOM.randint(0, 3))
            if kind == "bad" and RANDOM.random() < 0.5:
                verified = ["email"]
            age = RANDOM.randint(100, 4000)
        made.append({"id": 60000001 + index * 7, "username": f"{name}{index}", "country": country,
                     "city": CITIES[country][0], "rating": rating, "reviews": reviews, "completed": completed,
                     "incomplete": incomplete, "open": RANDOM.randint(1, 4), "verified": verified, "age_days": age})
    return made


def money(amount, currency):
    return float(round(amount * PER_USD.get(currency, 1)))


def terms(project, kind, size, currency):
    """Type, budget and bids."""
    if kind == "both":
        kind = RANDOM.choice(["fixed", "hourly"])
    project["type"] = kind
    if kind == "hourly":
        low, high = RATES[min(4, max(0, size - 1 + RANDOM.choice([-1, 0, 0, 1])))]
        project["hours_a_week"] = RANDOM.choice([5, 10, 20, 40, 40])
        open_ended = high == 90 and RANDOM.random() < 0.6
    else:
        step = max(1, size + RANDOM.choice([-1, 0, 0, 0, 1]))
        low, high = STEPS.get(step) or RANDOM.choice(LARGER)
        if RANDOM.random() < 0.05:
            low, high = RANDOM.choice(LARGER)
        open_ended = RANDOM.random() < 0.04
        if RANDOM.random() < 0.08:
            low = high = RANDOM.choice([12, 100, 400, 900])
    project["currency"] = currency
    project["budget"] = None if RANDOM.random() < 0.04 else [money(low, currency), None if open_ended else money(high, currency)]
    bids = 0 if project["age_minutes"] < 20 or RANDOM.random() < 0.07 else int(RANDOM.lognormvariate(2.6, 0.9))
    project["bids"] = bids
    if bids:
        project["average"] = round(money(RANDOM.uniform(low, high * 1.1), currency) + RANDOM.random(), 2)
    else:
        project["average"] = RANDOM.choice([0.0, None])


def projects(people):
    made, titles = [], set()
    odd_places = {7 + index * 14: odd for index, odd in enumerate(ODDITIES)}
    for index in range(PROJECTS):
        owner = RANDOM.choice(people)
        # Newest first in the file; a few a minute ago, most within a week.
        age = int(2 + index * 11 + (index / 60) ** 4 * 3 + RANDOM.random() * 9)
        project = {"id": 39900000 + (PROJECTS - index) * 13, "owner": owner["id"], "title": "", "description": ""}
        project["age_minutes"] = age
        currency = CURRENCY_OF.get(owner["country"], "USD")
        odd = odd_places.get(index)
        if odd:
            terms(project, "both", 2, currency)
            project.update(odd)
            if odd["description"] == "LONG":
                project["description"] = "\n\n".join(
                    f"{number + 1}. {LONG_SECTIONS[number % len(LONG_SECTIONS)]}" for number in range(280))
            if project["bids"] and project["average"] is None:
                project["average"] = project["budget"][0] if project["budget"] else 100.0
        else:
            kind, size, names, project["title"], project["description"] = tell(RANDOM, titles)
            project["skills"] = [BY_NAME[name] for name in names[:RANDOM.randint(1, len(names))]]
            if RANDOM.random() < 0.2:
                category = next(home for number, _, home in SKILLS if number == project["skills"][0])
                project["skills"].append(RANDOM.choice([number for number, _, home in SKILLS if home == category]))
            project["skills"] = list(dict.fromkeys(project["skills"]))
            terms(project, kind, size, currency)
        upgrades = [name for name, chance in
                    [("featured", 0.05), ("sealed", 0.04), ("nonpublic", 0.02), ("urgent", 0.06), ("NDA", 0.05),
                     ("fulltime", 0.02), ("qualified", 0.02), ("ip_contract", 0.03), ("non_compete", 0.01), ("pf_only", 0.02)]
                    if RANDOM.random() < chance]
        if upgrades:
            project["upgrades"] = upgrades
        if RANDOM.random() < 0.15:
            project["bid_days"] = RANDOM.choice([1, 10, 14, 30])
        if RANDOM.random() < 0.1:
            project["updated_minutes"] = age // 2
        if RANDOM.random() < 0.03:
            city, latitude, longitude = CITIES[owner["country"]]
            project["local"] = {"country": owner["country"], "city": city, "latitude": latitude, "longitude": longitude}
        if age > 2000 and RANDOM.random() < 0.12:
            project["state"] = RANDOM.choice(["awarded", "in-progress", "complete"])
        if index in (40, 140, 240):
            # Owners that the platform does not tell about: unknown in every users map.
            project["owner"] = 61999990 + index
        made.append(project)
    return made


CONTESTS = [
    ("Logo for a small cheese dairy", "A mark that can be burnt into wood and printed on paper. Goat, not cow.", [5040, 5041], "guaranteed"),
    ("Poster for a summer reading programme", "A2, for children from six to ten. Sponsors' logos come later.", [5041, 5042], "regular"),
    ("App icon: tide tables for sailors", "Has to be readable at 29 pixels.", [5040, 5043], "regular"),
    ("T-shirt print for a chess club's anniversary", "One colour, front only, no kings with crowns please.", [5042], "guaranteed"),
    ("Cover for a cookbook about pulses", "The title is long, the spine is narrow.", [5041, 5047], "prepaid"),
    ("Name and tagline for an oat drink", "Must work in German and English.", [5060], "freemium"),
    ("Website mock-up for a bicycle workshop", "Home page only, desktop and phone.", [17, 5044], "guaranteed"),
    ("Short jingle, eight seconds", "For a podcast about trains. No whistles.", [5045], "regular"),
    ("3D rendering of a garden shed", "From a hand drawing with measures.", [5046, 5081], "regular"),
    ("Packaging for hand-made soap", "Folding box, four varieties, two colours.", [5041], "guaranteed"),
    ("Mascot for a recycling campaign", "A friendly raccoon, in five poses.", [5042, 5048], "prepaid"),
    ("Banner set for a museum night", "Six sizes, one idea.", [5041, 5090], "regular"),
    ("Algorithm contest: shortest delivery tour in Rust", "Best tour on our 40 instances within ten seconds each wins.", [5001, 5083], "guaranteed"),
    ("Landing page for a wasm plug-in registry", "Plain HTML and CSS, dark and light.", [5014, 5015, 5003], "guaranteed"),
    ("\u202eLogo\u202c for a \U0001f3aa circus school \x1b[5mblinking\x1b[0m", "<b>Bold</b> colours, please & thank you.", [5040], "freemium"),
]


def contests(people):
    return [{"id": 2400001 + index * 11, "owner": RANDOM.choice(people)["id"], "title": title, "description": text,
             "type": kind, "currency": RANDOM.choice(["USD", "USD", "EUR", "GBP", "AUD", "INR"]),
             "prize": float(RANDOM.choice([20, 50, 100, 250, 500, 1200])), "skills": skills,
             "entries": RANDOM.choice([0, 3, 14, 60, 210]), "age_minutes": 45 + index * 611, "days": RANDOM.choice([7, 14, 30]),
             "upgrades": RANDOM.sample(["featured", "sealed", "highlight", "guaranteed"], RANDOM.choice([0, 0, 1, 2]))}
            for index, (title, text, skills, kind) in enumerate(CONTESTS)]


if __name__ == "__main__":
    people = owners()
    write(HERE / "skills.jsonl", [{"id": number, "name": name, "category": category} for number, name, category in SKILLS])
    write(HERE / "owners.jsonl", people)
    write(HERE / "projects.jsonl", projects(people))
    write(HERE / "contests.jsonl", contests(people))
