"""Plain messages for the errors of the YAML parser."""

from __future__ import annotations

import yaml

from data_platform.spec.text.file import LINE_BREAK
from data_platform.spec.text.report import Place
from data_platform.spec.text.yaml.quotes import find_unclosed_quote

_TABLE = (
    (
        "mapping values are not allowed",
        'a ":" is not allowed here',
        'put text that holds ": " in quotes, and check the indentation',
    ),
    (
        "could not find expected ':'",
        'this line has no ":"',
        "write `key: value`, or indent the line into the text above",
    ),
    ("did not find expected key", "this line fits no mapping above it", "indent it like its neighbours"),
    (
        "did not find expected '-' indicator",
        "this line fits no list above it",
        "begin it with `-`, or indent it like its neighbours",
    ),
    ("did not find expected ',' or ']'", "a list opened with [ is not closed", "close it with ]"),
    ("did not find expected ',' or '}'", "a mapping opened with { is not closed", "close it with }"),
    ("found unexpected end of stream", "a quoted text is not closed", "close it with the quote that opened it"),
    ("found unknown escape character", "this escape is unknown", "write a backslash twice, or use single quotes"),
    ("found invalid Unicode character escape code", "this escape is no character", "remove it"),
    ("violates indentation", "a tab cannot indent YAML", "use spaces"),
)
_SEEN_LATE = ("could not find expected ':'", "did not find expected ','", "found unexpected end of stream")
"""Errors that the parser notices far behind their cause: the place where the construct begins is reported."""


def explain_error(error: yaml.MarkedYAMLError, text: str) -> tuple[Place, str, str | None]:
    """Place, message and hint for a parser's error about `text`."""
    if unclosed := find_unclosed_quote(text):
        place, quote = unclosed
        return (
            place,
            f"this is not YAML: the quote {quote} that opens here is not closed in this line",
            f"close it with {quote}",
        )
    problem = error.problem or error.context or ""
    begins = any(words in problem for words in _SEEN_LATE)
    mark = (error.context_mark if begins else error.problem_mark) or error.problem_mark or error.context_mark
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    return place, *_describe_problem(problem, text, place)


def _describe_problem(problem: str, text: str, place: Place) -> tuple[str, str | None]:
    for words, message, hint in _TABLE:
        if words in problem:
            return f"this is not YAML: {message}", hint
    if "cannot start any token" in problem:
        return _describe_bad_start(text, place)
    return f"this is not YAML: {problem}", None


def _describe_bad_start(text: str, place: Place) -> tuple[str, str]:
    lines = LINE_BREAK.split(text)
    character = lines[place.line - 1][place.column - 1 : place.column] if place.line <= len(lines) else ""
    if character == "\t":
        return "this is not YAML: a tab cannot indent YAML", "use spaces"
    return f"this is not YAML: no value can begin with {character}", "put the text in quotes"
