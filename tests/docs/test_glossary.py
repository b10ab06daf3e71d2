"""One glossary: every term is defined once, and every page that explains something leads there."""

from __future__ import annotations

import re

import pytest

import data_platform
from data_platform.cli.main import SECTIONS
from tests.docs.pages import PAGES, ROOT, Page
from tests.mission.members import has_member

GLOSSARY = "docs/glossary.md"
TERMS = [
    "mesh",
    "home",
    "record",
    "product",
    "output",
    "major",
    "version",
    "contract",
    "publish",
    "verdict",
    "incident",
    "principal",
    "team",
    "role",
    "token",
    "grant",
    "purpose",
    "run",
]
ROWS = re.findall(
    r"^\| \*\*(.+?)\*\* \| (.+?) \| (.+?) \|$", (ROOT / GLOSSARY).read_text(encoding="utf-8"), re.MULTILINE
)
LINKING = [
    "README.md",
    "ARCHITECTURE.md",
    "docs/README.md",
    *(name for name in PAGES if name.startswith("docs/guides/")),
]


def test_each_term_is_defined_exactly_once() -> None:
    assert [term for term, _, _ in ROWS] == TERMS


@pytest.mark.parametrize(("term", "definition", "places"), ROWS)
def test_a_definition_is_one_or_two_sentences_and_says_where_the_thing_is_seen(
    term: str, definition: str, places: str
) -> None:
    assert 1 <= len(re.findall(r"[.!?](?: |$)", definition)) <= 2, term
    assert re.findall(r"`[^`]+`", places), term


def test_what_the_glossary_names_exists() -> None:
    commands = {command for section in SECTIONS.values() for command in section}
    for word in Page.read(GLOSSARY).code:
        if word.startswith("data-platform "):
            assert word.split()[1] in commands, word
        elif word[0].isupper() and not word.startswith("DATA_PLATFORM_"):
            assert word.partition(".")[0] in data_platform.__all__, word
            assert has_member(f"data_platform.{word.replace('=…', '')}"), word


@pytest.mark.parametrize("name", LINKING)
def test_a_page_links_to_the_glossary(name: str) -> None:
    page = Page.read(name)
    links = {(page.path.parent / link.partition("#")[0]).resolve() for link in page.links if "://" not in link}
    assert ROOT / GLOSSARY in links
