"""Markdown that a pull request can show: foreign text stays text, whatever it holds."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

from data_platform.cli.console.text import clean

_MEANT = re.compile(r"([\\`*_{}\[\]<>()#!|~&$@]|:(?=\S))")
_TICKS = re.compile(r"`+")


def escaped(text: str) -> str:
    """The text on one line, without links, mentions, HTML or any other markup of its own."""
    return _MEANT.sub(r"\\\1", clean(text))


def code(text: str) -> str:
    """The text as a code span, in a table too; the fence is longer than any run of backticks in it."""
    inner = clean(text).replace("|", "\\|")
    longest = max(map(len, _TICKS.findall(inner)), default=0)
    fence, space = "`" * (longest + 1), " " if inner.startswith("`") or inner.endswith("`") else ""
    return f"{fence}{space}{inner}{space}{fence}" if inner else ""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table; its cells are Markdown already."""
    yield f"| {' | '.join(header)} |"
    yield "|---" * len(header) + "|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def details(summary: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines behind a summary, to be opened; the summary is plain text, the lines are Markdown already."""
    yield from ("<details>", f"<summary>{html.escape(clean(summary))}</summary>", "", *lines, "", "</details>", "")
