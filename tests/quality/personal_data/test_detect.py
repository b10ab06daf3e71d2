"""Samples of personal data are recognised, and what only looks like it is not."""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.quality.personal_data.detect import Detection, detect
from data_platform.quality.personal_data.kinds import PersonalKind
from tests.hypothesis_lanes import examples

PERSONAL = [
    (PersonalKind.EMAIL, ["ann@example.org", "bob.o'neil+shop@mail.example.co.uk"]),
    (PersonalKind.EMAIL, ["please write to ann@example.org, thanks"]),
    (PersonalKind.EMAIL, ['{"to": "ann@example.org"}', "<mailto:bob@example.org>"]),
    (PersonalKind.PHONE, ["+41 44 668 18 00", "+41446681800", "0041 44 668 18 00", "+44 (0) 20 7946 0958"]),
    (PersonalKind.PHONE, ["044 668 18 00", "079 123 45 67", "030/1234567"]),
    (PersonalKind.PHONE, ["(212) 555-0123", "415-555-2671"]),
    (PersonalKind.IBAN, ["CH93 0076 2011 6238 5295 7"]),
    (PersonalKind.IBAN, ["pay to DE89370400440532013000 until Friday"]),
    (PersonalKind.CARD, ["4111 1111 1111 1111"]),
    (PersonalKind.CARD, ["4111111111111111", "5555555555554444", "378282246310005"]),
    (PersonalKind.CARD, ["3782-822463-10005"]),
    (PersonalKind.NATIONAL_ID, ["756.9217.0769.85"]),
    (PersonalKind.NATIONAL_ID, ["2 55 08 14 168 025 38"]),
    (PersonalKind.NATIONAL_ID, ["RCCMNL83S18D969H"]),
    (PersonalKind.NATIONAL_ID, ["54362315K", "X-2482300W".replace("-", "")]),
    (PersonalKind.NATIONAL_ID, ["390.533.447-05"]),
    (PersonalKind.NATIONAL_ID, ["880320-0016", "811218-9876"]),
    (PersonalKind.NATIONAL_ID, ["536-90-4399", "219-09-9999"]),
    (PersonalKind.IP, ["192.168.1.20", "8.8.200.8", "172.16.254.1"]),
    (PersonalKind.IP, ["2001:db8:85a3::8a2e:370:7334", "fe80::1ff:fe23:4567:890a"]),
]


@pytest.mark.parametrize(("kind", "values"), PERSONAL)
def test_personal_data_is_recognised(kind: PersonalKind, values: list[str]) -> None:
    detection = detect(values)
    assert detection is not None and detection.kind is kind
    assert detection.matched == len(values)


def make(count: int, build: Callable[[random.Random], str]) -> list[str]:
    source = random.Random(16)
    return [build(source) for _ in range(count)]


START = datetime(2026, 1, 1, tzinfo=UTC)
HARMLESS: dict[str, Callable[[random.Random], str]] = {
    "order numbers": lambda r: f"{r.randrange(10**9):09d}",
    "long order numbers": lambda r: f"{r.randrange(10**11):011d}",
    "numbers of 13 digits": lambda r: f"{r.randrange(10**13):013d}",
    "numbers of 16 digits": lambda r: f"{r.randrange(10**16):016d}",
    "numbers as long as cards": lambda r: f"4{r.randrange(10**15):015d}",
    "grouped numbers": lambda r: "-".join(f"{r.randrange(10**4):04d}" for _ in range(4)),
    "prefixed order numbers": lambda r: f"ORD-{r.randrange(2024, 2027)}-{r.randrange(10**6):06d}",
    "order numbers by year": lambda r: f"{r.randrange(2024, 2027)}-{r.randrange(10**6):06d}",
    "article numbers": lambda r: f"{r.randrange(10**8):08d}{r.choice('ABCDEFGHJ')}",
    "barcodes": lambda r: f"76{r.randrange(10**11):011d}",
    "seconds": lambda r: str(1_700_000_000 + r.randrange(10**7)),
    "milliseconds": lambda r: str(1_700_000_000_000 + r.randrange(10**10)),
    "nanoseconds": lambda r: str(1_700_000_000_000_000_000 + r.randrange(10**16)),
    "timestamps": lambda r: (START + timedelta(seconds=r.randrange(10**7))).isoformat(),
    "days": lambda r: (START + timedelta(days=r.randrange(900))).strftime("%d/%m/%Y"),
    "days with blanks": lambda r: (START + timedelta(days=r.randrange(900))).strftime("%d %m %Y"),
    "times": lambda r: (START + timedelta(seconds=r.randrange(10**7))).strftime("%H:%M:%S"),
    "uuids": lambda r: str(uuid.UUID(int=r.getrandbits(128), version=4)),
    "hashes": lambda r: hashlib.sha256(r.randbytes(8)).hexdigest(),
    "capital hashes": lambda r: hashlib.md5(r.randbytes(8), usedforsecurity=False).hexdigest().upper(),
    "versions": lambda r: ".".join(str(r.randrange(20)) for _ in range(4)),
    "windows versions": lambda r: f"10.0.{r.randrange(10_000, 23_000)}.{r.randrange(2_000)}",
    "semantic versions": lambda r: f"{r.randrange(3)}.{r.randrange(30)}.{r.randrange(99)}",
    "hardware addresses": lambda r: ":".join(f"{r.randrange(256):02x}" for _ in range(6)),
    "amounts": lambda r: f"{r.uniform(-10_000, 10_000):,.2f}",
    "coordinates": lambda r: f"{r.uniform(-90, 90):.6f},{r.uniform(-180, 180):.6f}",
    "ratios": lambda r: f"{r.random():.17f}",
    "remotes of git": lambda r: f"git@github.com:shop/repo{r.randrange(99)}.git",
    "images": lambda r: f"icon{r.randrange(99)}@2x.png",
    "packages": lambda r: f"left-pad@{r.randrange(9)}.{r.randrange(9)}.{r.randrange(99)}",
    "mentions": lambda r: f"@user{r.randrange(99)} said so",
    "words": lambda r: r.choice(["Zürich", "open", "closed", "DE", "", "n/a", "東京"]),
    "phone models": lambda r: f"SM-G{r.randrange(900, 999)}F/DS",
    "device numbers": lambda r: f"35{r.randrange(10**13):013d}",
}


@pytest.mark.parametrize("count", [1, 5, 50, 1_000])
@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_looks_like_it_is_not(name: str, count: int) -> None:
    assert detect(make(count, HARMLESS[name])) is None


@given(st.lists(st.text(max_size=30), max_size=20))
@settings(max_examples=examples(100), deadline=None)
def test_any_text_is_judged_the_same_again_and_blanks_do_not_matter(values: list[str]) -> None:
    first = detect(values)
    assert detect(values) == first == detect([f" {value}\n" for value in values])


@given(st.lists(st.uuids().map(str) | st.integers().map(str) | st.datetimes().map(str), min_size=20, max_size=60))
@settings(max_examples=examples(100), deadline=None)
def test_no_mix_of_ids_numbers_and_moments_alarms(values: list[str]) -> None:
    assert detect(values) is None


@given(st.integers(0, 990), st.randoms(use_true_random=False))
@settings(max_examples=examples(50), deadline=None)
def test_a_share_of_one_percent_of_addresses_is_enough(others: int, source: random.Random) -> None:
    values = ["nothing"] * others + [f"u{number}@example.org" for number in range(10)]
    source.shuffle(values)
    detection = detect(values)
    assert detection == Detection(
        PersonalKind.EMAIL, 10, len(values), tuple(place for place, value in enumerate(values) if "@" in value)
    )


def test_empty_values_are_no_part_of_the_share() -> None:
    detection = detect(["", "  ", "ann@example.org", ""])
    assert detection is not None and (detection.matched, detection.sampled, detection.share) == (1, 1, 100.0)
