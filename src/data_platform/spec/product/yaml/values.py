"""Reads one value of the YAML tree as the kind it must be, or reports what stands there instead.

`what` names the value in messages, such as "`owner`" or "an entry of `tags`".
"""

from __future__ import annotations

import re

from data_platform.spec.text.names import (
    described,
    hidden_character,
    name_problem,
    shown,
    suggested_name,
    unstorable_character,
)
from data_platform.spec.text.report import Report
from data_platform.spec.text.yaml.scalars import LARGEST, Kind, plain_value
from data_platform.spec.text.yaml.tree import Mapping, Node, Scalar, Sequence

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]
_LEADING_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_NUMBERS = (Kind.INTEGER, Kind.FLOAT)


def said(node: Node) -> str:
    """What stands there, in words for a message."""
    match node:
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"
        case Scalar(kind=Kind.TEXT, text=text):
            return f"the text {shown(text)}"
        case Scalar(kind=Kind.NULL):
            return "nothing"
        case Scalar(kind=Kind.BOOLEAN, text=text):
            meaning = "true" if plain_value(text, Kind.BOOLEAN) else "false"
            return text if text == meaning else f"{text} (in YAML {meaning})"
        case Scalar(kind=Kind.INTEGER, text=text):
            return text
        case Scalar(kind=kind, text=text):
            return f"{_cut(text)} ({kind.value})"


def read_text(
    report: Report, node: Node, what: str, most: int, *, one_line: bool = True, hint: str | None = None
) -> str | None:
    """Text that is not empty; numbers, dates and YAML's booleans must be quoted to be text.

    `hint` says what to write instead of something unquoted; by default the same in quotes.
    """
    if not isinstance(node, Scalar) or node.kind is Kind.NULL:
        report.error(node.place, f"{what} must be text, not {said(node)}")
        return None
    if node.kind is not Kind.TEXT:
        message = f"{what} must be text, and without quotes {_cut(node.text)} is {_meaning(node)}"
        report.error(node.place, message, hint or f"quote it: {shown(node.text)}")
        return None
    return node.text if _is_sound(report, node, what, most, one_line=one_line) else None


def read_name(report: Report, node: Node, what: str) -> str | None:
    """A name of a domain, product or output."""
    text = read_text(report, node, what, 100_000, one_line=False)
    problem = None if text is None else name_problem(text)
    if text is None or problem is None:
        return text
    suggestion = suggested_name(text)
    hint = f"write {suggestion}" if suggestion else None
    report.error(node.place, f"{what} {shown(text)} {problem}", hint)
    return None


def read_integer(report: Report, node: Node, what: str, low: int, high: int) -> int | None:
    """A whole number from `low` to `high`, written without quotes."""
    number = read_number(report, node, what)
    if number is None:
        return None
    if not isinstance(number, int) or not low <= number <= high:
        report.error(node.place, f"{what} must be a whole number from {low:,} to {high:,}, not {said(node)}")
        return None
    return number


def read_number(report: Report, node: Node, what: str) -> int | float | None:
    """A finite number, written without quotes; true and false are none."""
    if isinstance(node, Scalar) and node.kind in _NUMBERS:
        value = plain_value(node.text, node.kind)
        return value if isinstance(value, int | float) else None
    report.error(node.place, f"{what} must be a number, not {said(node)}", _number_hint(node))
    return None


def read_plain(report: Report, node: Node, what: str, most: int = 10_000) -> Plain:
    """Any JSON-like value, as Python has it; what YAML readers disagree on must be quoted."""
    match node:
        case Sequence(items=items):
            return [read_plain(report, item, what, most) for item in items]
        case Mapping(entries=entries):
            return {key.text: read_plain(report, value, what, most) for key, value in entries}
        case Scalar(kind=Kind.NOT_FINITE | Kind.HUGE):
            report.error(node.place, f"{what} cannot be {said(node)}")
        case Scalar(kind=Kind.BOOLEAN, text=text) if text.lower() not in ("true", "false"):
            report.error(node.place, f"{what} cannot be {said(node)}", f"as text, quote it: {shown(text)}")
        case Scalar(kind=Kind.ODD_NUMBER | Kind.DATE):
            report.error(node.place, f"{what} cannot be {said(node)}", f"as text, quote it: {shown(node.text)}")
        case Scalar(kind=Kind.TEXT, text=text) if text.strip():
            _is_sound(report, node, what, most, one_line=False)
    return plain_value(node.text, node.kind)


def _is_sound(report: Report, node: Scalar, what: str, most: int, *, one_line: bool) -> bool:
    text = node.text
    hidden = hidden_character(text) if one_line else unstorable_character(text)
    if hidden == "\n":
        report.error(node.place, f"{what} must be one line")
    elif hidden:
        report.error(node.place, f"{what} holds the hidden character {described(hidden)}", "remove it")
    elif not text.strip():
        report.error(node.place, f"{what} is empty", "write some text, or remove the line")
    elif len(text) > most:
        report.error(node.place, f"{what} has {len(text):,} characters; {most:,} is the limit")
    else:
        return True
    return False


def _meaning(node: Scalar) -> str:
    if node.kind is Kind.BOOLEAN:
        return "true" if plain_value(node.text, node.kind) else "false"
    return str(node.kind.value)


def _number_hint(node: Node) -> str | None:
    if not isinstance(node, Scalar):
        return None
    if node.kind is Kind.HUGE:
        return f"at most {LARGEST}"
    if node.kind is Kind.ODD_NUMBER:
        return "write it in plain decimal digits"
    found = _LEADING_NUMBER.match(node.text)
    if node.kind is not Kind.TEXT or found is None:
        return None
    return "remove the quotes" if found.group() == node.text else f"write {found.group()}"


def _cut(text: str) -> str:
    return shown(text, 40)[1:-1]
