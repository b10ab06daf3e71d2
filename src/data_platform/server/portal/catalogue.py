"""The words of the pages in one language, by key; English is the reference that the others are checked against.

A sentence that a verb answers is English by itself; another language has a pattern for each kind of sentence.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files

from data_platform.sentences import Sentence

LANGUAGES = {"en": "English", "th": "ไทย"}
"""The languages of the portal with their own names, the default first."""

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of one language; `{name}` in a text is replaced by the value of that name.

    Where the value `n` is 1, the text of `KEY_one` takes the place of that of `KEY`, if the language has one.
    `patterns` are those of the sentences of verbs, by kind.
    """

    language: str
    texts: Mapping[str, str]
    patterns: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of a key; raises KeyError for one that no language has."""
        singular = self.texts.get(f"{key}_one") if str(values.get("n")) == "1" else None
        text = singular or self.texts.get(key) or load_catalogue("en").texts[key]
        return text.format_map(values) if values else text

    def has(self, key: str) -> bool:
        """Whether there is a text of the key, which may be what a visitor sent."""
        return key in self.texts or key in load_catalogue("en").texts

    def write_date(self, day: date) -> str:
        """A date, or that of a moment, with its month as a word."""
        return f"{day.day} {self('date.months').split()[day.month - 1]} {day.year}"

    def translate_state(self, kind: str, state: str) -> str:
        """The word for a state that a verb answers, such as an incident's severity; its own where there is none."""
        return self.texts.get(f"{kind}.{state.replace(' ', '_')}", state)

    def translate_sentence(self, sentence: Sentence) -> str | None:
        """What a verb says, in this language; None where it has to be shown in English."""
        pattern = self.patterns.get(sentence.kind)
        if pattern is None:
            return None
        values = dict(sentence.values)
        if "more" in values:
            values["names"] = self.patterns["list.more"].format_map(values)
        if "seconds" in values:
            values["age"] = self._spell_duration(int(values["seconds"]))
        return pattern.format_map(values)

    def say(self, sentence: Sentence) -> str:
        """What a verb says, in this language or else in English."""
        return self.translate_sentence(sentence) or sentence.text

    def _spell_duration(self, seconds: int) -> str:
        """A duration in its two largest units."""
        rest, parts = seconds, []
        for unit, size in _UNITS:
            count, rest = divmod(rest, size)
            if count:
                parts.append(self.patterns[f"duration.{unit}"].format(n=count))
        return " ".join(parts[:2]) or self.patterns["duration.second"].format(n=0)


@cache
def load_catalogue(language: str) -> Catalogue:
    """The texts of a language of LANGUAGES."""
    patterns = {} if language == "en" else _read_texts(f"{language}_sentences.toml")
    return Catalogue(language, _read_texts(f"{language}.toml"), patterns)


def choose_language(cookie: str | None, accept: str) -> str:
    """The language of the cookie, or the first of the header Accept-Language that the portal has."""
    if cookie in LANGUAGES:
        return cookie
    ranges = [part.partition(";") for part in accept.split(",")]
    wanted = [tag.strip().partition("-")[0].lower() for tag, _, _ in ranges]
    return next((language for language in wanted if language in LANGUAGES), "en")


def _read_texts(file: str) -> dict[str, str]:
    text = files("data_platform.server.portal.texts").joinpath(file).read_text("utf-8")
    return dict(_flatten(tomllib.loads(text), ""))


def _flatten(tree: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, str(value)
