"""Reads one value of the YAML tree as the kind it must be, or reports what was written instead.

`what` names the value in messages, such as "`owner`" or "an entry of `tags`".
"""

from __future__ import annotations

import re

from data_platform.spec.text.names import (
    describe_character,
    find_hidden_character,
    find_unstorable_character,
    name_problem,
    quote_text,
    suggest_valid_name,
)
from data_platform.spec.text.report import Report
from data_platform.spec.text.yaml.scalars import LARGEST, ScalarKind, parse_value
from data_platform.spec.text.yaml.tree import Mapping, Node, Scalar, Sequence

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]
_LEADING_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_NUMBERS = (ScalarKind.INTEGER, ScalarKind.FLOAT)


def describe_node(node: Node) -> str:
    """A description of the node for a message."""
    match node:
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"
        case Scalar(kind=ScalarKind.TEXT, text=text):
            return f"the text {quote_text(text)}"
        case Scalar(kind=ScalarKind.NULL):
            return "nothing"
        case Scalar(kind=ScalarKind.BOOLEAN, text=text):
            meaning = "true" if parse_value(text, ScalarKind.BOOLEAN) else "false"
            return text if text == meaning else f"{text} (in YAML {meaning})"
        case Scalar(kind=ScalarKind.INTEGER, text=text):
            return text
        case Scalar(kind=kind, text=text):
            return f"{_truncate(text)} ({kind.value})"


def read_text(
    report: Report, node: Node, what: str, most: int, *, one_line: bool = True, hint: str | None = None
) -> str | None:
    """Text that is not empty; numbers, dates and YAML's booleans must be quoted to be text.

    `hint` says what to write instead of something unquoted; by default the same in quotes.
    """
    if not isinstance(node, Scalar) or node.kind is ScalarKind.NULL:
        report.error(node.place, f"{what} must be text, not {describe_node(node)}")
        return None
    if node.kind is not ScalarKind.TEXT:
        message = f"{what} must be text, and without quotes {_truncate(node.text)} is {_describe_meaning(node)}"
        report.error(node.place, message, hint or f"quote it: {quote_text(node.text)}")
        return None
    return node.text if _is_sound(report, node, what, most, one_line=one_line) else None


def read_name(report: Report, node: Node, what: str) -> str | None:
    """A name of a domain, product or output."""
    text = read_text(report, node, what, 100_000, one_line=False)
    problem = None if text is None else name_problem(text)
    if text is None or problem is None:
        return text
    suggestion = suggest_valid_name(text)
    hint = f"write {suggestion}" if suggestion else None
    report.error(node.place, f"{what} {quote_text(text)} {problem}", hint)
    return None


def read_integer(report: Report, node: Node, what: str, low: int, high: int) -> int | None:
    """A whole number from `low` to `high`, written without quotes."""
    number = read_number(report, node, what)
    if number is None:
        return None
    if not isinstance(number, int) or not low <= number <= high:
        report.error(node.place, f"{what} must be a whole number from {low:,} to {high:,}, not {describe_node(node)}")
        return None
    return number


def read_number(report: Report, node: Node, what: str) -> int | float | None:
    """A finite number, written without quotes; true and false are none."""
    if isinstance(node, Scalar) and node.kind in _NUMBERS:
        value = parse_value(node.text, node.kind)
        return value if isinstance(value, int | float) else None
    report.error(node.place, f"{what} must be a number, not {describe_node(node)}", _suggest_number(node))
    return None


def read_plain(report: Report, node: Node, what: str, most: int = 10_000) -> Plain:
    """Any JSON-like value, as Python has it; what YAML readers disagree on must be quoted."""
    match node:
        case Sequence(items=items):
            return [read_plain(report, item, what, most) for item in items]
        case Mapping(entries=entries):
            return {key.text: read_plain(report, value, what, most) for key, value in entries}
        case Scalar(kind=ScalarKind.NOT_FINITE | ScalarKind.HUGE):
            report.error(node.place, f"{what} cannot be {describe_node(node)}")
        case Scalar(kind=ScalarKind.BOOLEAN, text=text) if text.lower() not in ("true", "false"):
            report.error(
                node.place, f"{what} cannot be {describe_node(node)}", f"as text, quote it: {quote_text(text)}"
            )
        case Scalar(kind=ScalarKind.ODD_NUMBER | ScalarKind.DATE):
            report.error(
                node.place, f"{what} cannot be {describe_node(node)}", f"as text, quote it: {quote_text(node.text)}"
            )
        case Scalar(kind=ScalarKind.TEXT, text=text) if text.strip():
            _is_sound(report, node, what, most, one_line=False)
    return parse_value(node.text, node.kind)


def _is_sound(report: Report, node: Scalar, what: str, most: int, *, one_line: bool) -> bool:
    text = node.text
    hidden = find_hidden_character(text) if one_line else find_unstorable_character(text)
    if hidden == "\n":
        report.error(node.place, f"{what} must be one line")
    elif hidden:
        report.error(node.place, f"{what} holds the hidden character {describe_character(hidden)}", "remove it")
    elif not text.strip():
        report.error(node.place, f"{what} is empty", "write some text, or remove the line")
    elif len(text) > most:
        report.error(node.place, f"{what} has {len(text):,} characters; {most:,} is the limit")
    else:
        return True
    return False


def _describe_meaning(node: Scalar) -> str:
    if node.kind is ScalarKind.BOOLEAN:
        return "true" if parse_value(node.text, node.kind) else "false"
    return str(node.kind.value)


def _suggest_number(node: Node) -> str | None:
    if not isinstance(node, Scalar):
        return None
    if node.kind is ScalarKind.HUGE:
        return f"at most {LARGEST}"
    if node.kind is ScalarKind.ODD_NUMBER:
        return "write it in plain decimal digits"
    match = _LEADING_NUMBER.match(node.text)
    if node.kind is not ScalarKind.TEXT or match is None:
        return None
    return "remove the quotes" if match.group() == node.text else f"write {match.group()}"


def _truncate(text: str) -> str:
    return quote_text(text, 40)[1:-1]
