"""Builds Markdown for pull requests, in which foreign text is escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

from data_platform.cli.console.text import clean

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#!|~&$@]|:(?=\S))")
_TICKS = re.compile(r"`+")


def escape_markdown(text: str) -> str:
    """Returns the text on one line, with links, mentions, HTML and other markup escaped."""
    return _MARKUP.sub(r"\\\1", clean(text))


def format_code(text: str) -> str:
    """Returns the text as a code span that is valid in tables; its fence is longer than any run of backticks."""
    inner = clean(text).replace("|", "\\|")
    longest = max(map(len, _TICKS.findall(inner)), default=0)
    fence, space = "`" * (longest + 1), " " if inner.startswith("`") or inner.endswith("`") else ""
    return f"{fence}{space}{inner}{space}{fence}" if inner else ""


def format_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yields the lines of a table; the cells must be Markdown."""
    yield f"| {' | '.join(header)} |"
    yield "|---" * len(header) + "|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def format_details(summary: str, lines: Iterable[str]) -> Iterator[str]:
    """Yields a collapsible section; the summary is plain text, the lines must be Markdown."""
    yield from ("<details>", f"<summary>{html.escape(clean(summary))}</summary>", "", *lines, "", "</details>", "")
