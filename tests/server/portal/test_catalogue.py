"""The words of the pages: each language has every key that a page uses, and no other, with the same values in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import pytest

import data_platform
from data_platform.governance.readiness import TITLES
from data_platform.sentences import Sentence, make_sentence
from data_platform.server.portal.catalogue import LANGUAGES, Catalogue, choose_language, load_catalogue
from data_platform.server.portal.pages import governance, lineage, operations
from data_platform.verbs.access.review import PAST_REVIEW, UNUSED, WIDER

PORTAL = files("data_platform.server.portal")
SINGULAR = "_one"
BUILT_SECTIONS = ("age", "done", "error", "facet", "nav", "pii", "snippet", "theme", "unit")
"""The sections whose keys are put together while a page is drawn."""
BUILT_ENDINGS = ("_lead", "_word")
BUILT_KEYS = {
    *(f"governance.{name}" for name in (*governance.VIEWS, "policy", "domain")),
    *(f"lineage.{direction}" for direction in lineage.DIRECTIONS),
    *(f"operations.{view}" for view in operations.VIEWS),
}
SAME_EVERYWHERE = {"data-platform", "null", "s"}
"""What templates say themselves."""
_VALUES = re.compile(r"{(\w+)(?:!r)?}")
_KEYS = re.compile(r"""\bt(?:exts)?\(\s*["']([a-z_]+\.[a-z_]+)["'](?!\s*~)""")
_QUOTED = re.compile(r"""["']([a-z_]+\.[a-z_]+)["']""")
_STATES = re.compile(r"""translate_state\(\s*["'](\w+)["']""")
_JINJA = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
_MARKUP = re.compile(r"<code>.*?</code>|<[^>]*>|&\w+;", re.DOTALL)
_ATTRIBUTES = re.compile(r"""\b(?:title|aria-label|alt)="([^"]+)\"""")


def list_sources(folder: Traversable = PORTAL) -> Iterator[Traversable]:
    for file in folder.iterdir():
        if file.is_dir():
            yield from list_sources(file)
        elif file.name.endswith((".html", ".py")):
            yield file


def read_sources() -> str:
    return "\n".join(file.read_text("utf-8") for file in list_sources())


def list_unused_keys() -> Iterator[str]:
    source = read_sources()
    quoted, states = set(_QUOTED.findall(source)), set(_STATES.findall(source))
    for key in load_catalogue("en").texts:
        section = key.partition(".")[0]
        is_built = section in BUILT_SECTIONS or key in BUILT_KEYS or key.endswith(BUILT_ENDINGS)
        if not (is_built or section in states or key.removesuffix(SINGULAR) in quoted):
            yield key


def test_every_text_that_a_page_uses_is_there() -> None:
    assert set(_KEYS.findall(read_sources())) <= set(load_catalogue("en").texts)


def test_every_text_is_used() -> None:
    assert list(list_unused_keys()) == []


@pytest.mark.parametrize(
    "template", [file for file in list_sources() if file.name.endswith(".html")], ids=lambda file: file.name
)
def test_a_template_says_nothing_itself(template: Traversable) -> None:
    source = _JINJA.sub("", template.read_text("utf-8"))
    text = _MARKUP.sub(" ", source) + " ".join(_ATTRIBUTES.findall(source))
    assert set(re.findall(r"[^\W\d_][\w-]*", text)) <= SAME_EVERYWHERE


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_language_has_every_text_with_its_values(language: str) -> None:
    english, other = load_catalogue("en").texts, load_catalogue(language).texts
    assert {key for key in other if not key.endswith(SINGULAR)} == {
        key for key in english if not key.endswith(SINGULAR)
    }
    assert list(other) == [key for key in english if key in other]
    for key, text in other.items():
        assert sorted(_VALUES.findall(text)) == sorted(_VALUES.findall(english[key])), key
        assert text.strip(), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_singular_is_one_of_a_text_that_counts(language: str) -> None:
    texts = load_catalogue(language).texts
    for key in (key for key in texts if key.endswith(SINGULAR)):
        values = set(_VALUES.findall(texts[key.removesuffix(SINGULAR)]))
        assert "n" in values, key
        assert set(_VALUES.findall(texts[key])) <= values, key


@pytest.mark.parametrize(("n", "text"), [(0, "0 readers"), (1, "1 reader"), ("1", "1 reader"), ("11", "11 readers")])
def test_one_is_counted_in_the_singular(n: object, text: str) -> None:
    assert load_catalogue("en")("usage.readers", n=n) == text


def test_a_language_without_a_singular_keeps_its_own_text() -> None:
    assert load_catalogue("th")("usage.readers", n=1) == load_catalogue("th").texts["usage.readers"].format(n=1)


def test_a_text_that_a_language_lacks_is_english() -> None:
    assert Catalogue("th", {})("nav.home") == "Home"


@pytest.mark.parametrize(
    ("cookie", "accept", "language"),
    [
        (None, "", "en"),
        (None, "de-DE,de;q=0.9", "en"),
        ("en", "de", "en"),
        ("xx", "en-GB", "en"),
        ("th", "en", "th"),
        (None, "th-TH,th;q=0.9,en;q=0.8", "th"),
        (None, "de, th;q=0.5", "th"),
        ("en", "th-TH", "en"),
    ],
)
def test_the_language_is_that_of_the_cookie_or_the_first_that_the_browser_wants(
    cookie: str | None, accept: str, language: str
) -> None:
    assert choose_language(cookie, accept) == language


PARTS = {"list.more", *(f"duration.{unit}" for unit in ("day", "hour", "minute", "second"))}
"""The parts of sentences that a language has besides the sentences."""


def read_patterns() -> dict[str, set[str]]:
    """The English patterns of each kind of sentence, as the calls of `make_sentence` have them."""
    patterns = {f"checklist_title.{key}": {title} for key, title in TITLES.items()}
    for file in Path(data_platform.__file__).parent.rglob("*.py"):
        text = file.read_text("utf-8")
        for node in ast.walk(ast.parse(text)) if "make_sentence(" in text else ():
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "make_sentence":
                kind, pattern = (ast.literal_eval(argument) for argument in node.args[:2])
                patterns.setdefault(kind, set()).add(pattern)
    return patterns


def test_a_kind_of_sentence_has_one_pattern() -> None:
    assert {kind: patterns for kind, patterns in read_patterns().items() if len(patterns) != 1} == {}


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_language_has_every_sentence_with_its_values(language: str) -> None:
    patterns, own = read_patterns(), load_catalogue(language).patterns
    assert set(own) - PARTS == set(patterns)
    for kind, (english,) in patterns.items():
        assert set(_VALUES.findall(own[kind])) == set(_VALUES.findall(english)), kind


def test_the_english_portal_says_what_the_verb_says() -> None:
    assert load_catalogue("en").patterns == {}
    sentence = make_sentence("checklist.tagged", "tagged: {columns}", columns="email")
    assert load_catalogue("en").say(sentence) == "tagged: email"
    assert load_catalogue("th").say(sentence) == "ติดแท็กแล้ว: email"


def test_lists_and_ages_are_in_the_language_of_the_sentence() -> None:
    columns = make_sentence("checklist.describe", "schema file: a description for {names}", list("abcdefg"))
    age = make_sentence("sla.age", "{age} old", age="1 day 2 hours", seconds=93_784)
    texts = load_catalogue("th")
    assert texts.say(columns) == "ไฟล์สคีมา: เขียนคำอธิบายของ a, b, c, d, e และอีก 2 รายการ"
    assert texts.say(age) == "อายุ 1 วัน 2 ชั่วโมง"


def test_a_sentence_without_a_pattern_stays_english() -> None:
    unknown = Sentence("other.kind", "something else")
    assert load_catalogue("th").translate_sentence(unknown) is None
    assert load_catalogue("th").say(unknown) == "something else"


def test_advice_is_what_the_verb_says() -> None:
    english = load_catalogue("en")
    assert [english.translate_state("advice", one) for one in (UNUSED, WIDER, PAST_REVIEW)] == [
        UNUSED,
        WIDER,
        PAST_REVIEW,
    ]
    assert all(load_catalogue("th").translate_state("advice", one) != one for one in (UNUSED, WIDER, PAST_REVIEW))
