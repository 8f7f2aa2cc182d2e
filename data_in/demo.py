"""A made-up business to look at: companies, courses, people and how they belong together."""

import random
from collections.abc import Iterator
from typing import Final

from operations.types import (
    Call,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    Json,
    ObjectKey,
    Operation,
    Origin,
    PersonKey,
    Relate,
    SaveObjectType,
)
from operations.wire.rules import RULES

COMPANIES: Final = 1
COURSES: Final = 2
_COMPANY_COUNT: Final = 420
_COURSE_COUNT: Final = 36
_PEOPLE_COUNT: Final = 2_000
_SECONDS_A_YEAR: Final = 31_536_000
_FIRST_NAMES: Final = [
    "Amara",
    "Noah",
    "Sofía",
    "Liam",
    "Yuki",
    "Emma",
    "Omar",
    "Zoë",
    "Lucas",
    "Priya",
    "Mateo",
    "Ingrid",
    "Chen",
    "Fatima",
    "Elias",
    "Nora",
    "Kwame",
    "Hanna",
    "Diego",
    "Aylin",
    "Jonas",
    "Mei",
    "Tomás",
    "Leila",
    "Arjun",
    "Clara",
    "Viktor",
    "Aisha",
    "Rafael",
    "Freja",
]
_LAST_NAMES: Final = [
    "Okafor",
    "Lindqvist",
    "García",
    "Tanaka",
    "Novák",
    "Haddad",
    "Müller",
    "Rossi",
    "Kowalski",
    "Nguyen",
    "Silva",
    "Johansen",
    "Dubois",
    "Patel",
    "Murphy",
    "Demir",
    "Costa",
    "Schneider",
    "Kim",
    "Andersson",
    "Moreau",
    "Ferrari",
    "Singh",
    "Byrne",
]
_NAME_STARTS: Final = [
    "Northwind",
    "Harbor",
    "Cedar",
    "Bright",
    "Atlas",
    "Summit",
    "Meridian",
    "Juniper",
    "Lumen",
    "Granite",
    "Kestrel",
    "Willow",
    "Pioneer",
    "Cobalt",
    "Aurora",
    "Delta",
    "Falcon",
    "Orchard",
    "Sterling",
    "Nimbus",
    "Quarry",
]
_NAME_ENDS: Final = [
    "Logistics",
    "Analytics",
    "Health",
    "Foods",
    "Energy",
    "Studios",
    "Robotics",
    "Insurance",
    "Retail",
    "Labs",
    "Software",
    "Capital",
    "Textiles",
    "Mobility",
    "Media",
    "Systems",
    "Biotech",
    "Marine",
    "Legal",
    "Travel",
]
_CITIES: Final = (
    ("Amsterdam", "NL"),
    ("Barcelona", "ES"),
    ("Berlin", "DE"),
    ("Bogotá", "CO"),
    ("Chicago", "US"),
    ("Dublin", "IE"),
    ("Kraków", "PL"),
    ("Lagos", "NG"),
    ("Lyon", "FR"),
    ("Singapore", "SG"),
    ("Toronto", "CA"),
    ("Zürich", "CH"),
)
_PLANS: Final = (("Free", 0), ("Team", 290), ("Business", 990), ("Enterprise", 4_900))
_ROLES: Final = ("owner", "admin", "billing", "member", "member", "member")
_JOBS: Final = (
    "Head of operations",
    "Product manager",
    "Data analyst",
    "Chief technology officer",
    "Customer success lead",
    "Software engineer",
    "Finance manager",
)
_SUBJECTS: Final = (
    "SQL for analysts",
    "Data privacy basics",
    "Designing onboarding",
    "Writing that sells",
    "Product metrics",
    "Leading remote teams",
    "Python for operations",
    "Statistics without fear",
    "Service blueprints",
)
_LEVELS: Final = ("beginner", "intermediate", "advanced", "workshop")


def demo_types(origin: Origin) -> list[Call]:
    """Make the calls that create the two object types."""
    types = (
        SaveObjectType(
            number=COMPANIES, name="Companies", singular_name="Company", icon="apartment"
        ),
        SaveObjectType(number=COURSES, name="Courses", singular_name="Course", icon="school"),
    )
    return [_call(origin, operation) for operation in types]


def demo_calls(origin: Origin) -> Iterator[Call]:
    """Make the calls of the demo data; the same ones each time but for the dates."""
    chance = random.Random(20)  # noqa: S311 - made-up data, not a secret
    now = int(origin.received_at.timestamp())
    companies = [f"company-{number:04}" for number in range(1, _COMPANY_COUNT + 1)]
    courses = [f"course-{number:03}" for number in range(1, _COURSE_COUNT + 1)]
    names = _company_names(chance)
    for object_id, name in zip(companies, names, strict=True):
        key = ObjectKey(object_id, COMPANIES)
        yield _call(origin, IdentifyObject(key, _company(name, chance, now)))
    for position, object_id in enumerate(courses):
        key = ObjectKey(object_id, COURSES)
        yield _call(origin, IdentifyObject(key, _course(position, chance, now)))
    # The last companies and courses stay without anybody, as in real life.
    related_companies = list(zip(companies, names, strict=True))[: _COMPANY_COUNT - 38]
    for number in range(1, _PEOPLE_COUNT + 1):
        company, company_name = chance.choice(related_companies)
        yield from _person(origin, number, company, company_name, chance, now)
        for course in chance.sample(courses[:-4], chance.choice((0, 0, 1, 1, 2))):
            key = ObjectKey(course, COURSES)
            yield _call(
                origin, Relate(PersonKey(id=f"user-{number:05}"), key, _enrolment(chance, now))
            )


def _call(origin: Origin, operation: Operation) -> Call:
    return Call(origin, (operation,), rules=RULES[origin.door])


def _company_names(chance: random.Random) -> list[str]:
    names = [f"{start} {end}" for start in _NAME_STARTS for end in _NAME_ENDS]
    chance.shuffle(names)
    return names[:_COMPANY_COUNT]


def _company(name: str, chance: random.Random, now: int) -> dict[str, Json]:
    city, country = chance.choice(_CITIES)
    plan, price = chance.choices(_PLANS, weights=(30, 40, 22, 8))[0]
    return {
        "name": name,
        "domain": f"{name.lower().replace(' ', '-')}.example.com",
        "industry": name.split()[1],
        "plan": plan,
        "monthly_recurring_revenue": price * chance.randint(1, 6),
        "employees": chance.choice((4, 12, 35, 80, 210, 640, 1_900)),
        "is_customer": price > 0,
        "address": {"city": city, "country": country},
        "renews_at": now + chance.randint(0, _SECONDS_A_YEAR),
        "created_at": now - chance.randint(0, 4 * _SECONDS_A_YEAR),
    }


def _course(position: int, chance: random.Random, now: int) -> dict[str, Json]:
    subject = _SUBJECTS[position % len(_SUBJECTS)]
    level = _LEVELS[position // len(_SUBJECTS)]
    return {
        "name": f"{subject} ({level})",
        "level": level,
        "hours": chance.choice((3, 6, 12, 24)),
        "price": chance.choice((0, 49.5, 120, 480)),
        "languages": chance.sample(["en", "de", "es", "fr"], 2),
        "starts_at": now + chance.randint(-90, 90) * 86_400,
        "created_at": now - chance.randint(0, 2 * _SECONDS_A_YEAR),
    }


def _person(
    origin: Origin,
    number: int,
    company: str,
    company_name: str,
    chance: random.Random,
    now: int,
) -> Iterator[Call]:
    first, last = chance.choice(_FIRST_NAMES), chance.choice(_LAST_NAMES)
    key = PersonKey(id=f"user-{number:05}")
    domain = company_name.lower().replace(" ", "-")
    attributes: dict[str, Json] = {
        "name": f"{first} {last}",
        "first_name": first,
        "last_name": last,
        "job_title": chance.choice(_JOBS),
        "city": chance.choice(_CITIES)[0],
        "last_seen_at": now - chance.randint(0, 120) * 86_400,
        "newsletter": chance.random() < 0.6,  # noqa: PLR2004
        "created_at": now - chance.randint(0, 3 * _SECONDS_A_YEAR),
    }
    email = f"user{number:05}@{domain}.example.com"
    yield _call(origin, IdentifyPerson(key, attributes, Identifiers(email=email)))
    if chance.random() < 0.94:  # noqa: PLR2004
        relationship: dict[str, Json] = {
            "role": chance.choice(_ROLES),
            "joined_at": now - chance.randint(0, 3 * _SECONDS_A_YEAR),
        }
        yield _call(origin, Relate(key, ObjectKey(company, COMPANIES), relationship))


def _enrolment(chance: random.Random, now: int) -> dict[str, Json]:
    finished = chance.random() < 0.4  # noqa: PLR2004
    return {
        "enrolled_at": now - chance.randint(0, 200) * 86_400,
        "dues_paid": chance.random() < 0.9,  # noqa: PLR2004
        "class_complete": finished,
        "grade": chance.choice(("A", "A-", "B+", "B", "C")) if finished else None,
    }
