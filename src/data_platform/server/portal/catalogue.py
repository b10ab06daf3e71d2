"""The words of the pages in one language, by key; English is the reference that the others are checked against."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LANGUAGES = {"en": "English", "th": "ไทย"}
"""The languages of the portal with their own names, the default first."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of one language; `{name}` in a text is replaced by the value of that name.

    Where the value `n` is 1, the text of `KEY_one` takes the place of that of `KEY`, if the language has one.
    """

    language: str
    texts: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of a key; raises KeyError for one that no language has."""
        singular = self.texts.get(f"{key}_one") if str(values.get("n")) == "1" else None
        text = singular or self.texts.get(key) or load_catalogue("en").texts[key]
        return text.format_map(values) if values else text

    def has(self, key: str) -> bool:
        """Whether there is a text of the key, which may be what a visitor sent."""
        return key in self.texts or key in load_catalogue("en").texts

    def translate_state(self, kind: str, state: str) -> str:
        """The word for a state that a verb answers, such as an incident's severity; its own where there is none."""
        return self.texts.get(f"{kind}.{state.replace(' ', '_')}", state)


@cache
def load_catalogue(language: str) -> Catalogue:
    """The texts of a language of LANGUAGES."""
    text = files("data_platform.server.portal.texts").joinpath(f"{language}.toml").read_text("utf-8")
    return Catalogue(language, dict(_flatten(tomllib.loads(text), "")))


def choose_language(cookie: str | None, accept: str) -> str:
    """The language of the cookie, or the first of the header Accept-Language that the portal has."""
    if cookie in LANGUAGES:
        return cookie
    ranges = [part.partition(";") for part in accept.split(",")]
    wanted = [tag.strip().partition("-")[0].lower() for tag, _, _ in ranges]
    return next((language for language in wanted if language in LANGUAGES), "en")


def _flatten(tree: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, str(value)
