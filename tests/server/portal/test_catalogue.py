"""The words of the pages: each language has every key, with the same values in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

import pytest

from data_platform.server.portal.catalogue import LANGUAGES, choose_language, load_catalogue

PORTAL = files("data_platform.server.portal")
_VALUES = re.compile(r"{(\w+)}")
_KEYS = re.compile(r"""\bt(?:exts)?\(\s*["']([a-z_]+\.[a-z_]+)["'](?!\s*~)""")


def list_used_keys() -> Iterator[str]:
    for folder in (PORTAL.joinpath("templates"), PORTAL.joinpath("pages"), PORTAL.joinpath("drawing")):
        for file in folder.iterdir():
            if file.name.endswith((".html", ".py")):
                yield from _KEYS.findall(file.read_text("utf-8"))


def test_every_text_that_a_page_uses_is_there() -> None:
    assert set(list_used_keys()) <= set(load_catalogue("en").texts)


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_language_has_every_text_with_its_values(language: str) -> None:
    english, other = load_catalogue("en").texts, load_catalogue(language).texts
    assert other.keys() == english.keys()
    for key, text in english.items():
        assert sorted(_VALUES.findall(other[key])) == sorted(_VALUES.findall(text)), key
        assert other[key].strip(), key


@pytest.mark.parametrize(
    ("cookie", "accept", "language"),
    [
        (None, "", "en"),
        (None, "de-DE,de;q=0.9", "en"),
        ("en", "de", "en"),
        ("xx", "en-GB", "en"),
    ],
)
def test_the_language_is_that_of_the_cookie_or_the_first_that_the_browser_wants(
    cookie: str | None, accept: str, language: str
) -> None:
    assert choose_language(cookie, accept) == language
