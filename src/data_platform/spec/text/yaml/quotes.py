"""Finds the quote that was not closed: the parser pairs it with the next one and reports a later line."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from data_platform.spec.text.file import LINE_BREAK
from data_platform.spec.text.report import Place

LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_MAY_FOLLOW = ("#", ",", "]", "}", ":")


def find_unclosed_quote(text: str) -> tuple[Place, str] | None:
    """The place of the first quote in `text`, which is not YAML, that is not closed in its line, and the quote.

    A quoted text of several lines is legal. It is suspected only where its end is followed by more text.
    """
    lines = LINE_BREAK.split(text)
    for token in _iterate_scalar_tokens(text):
        begin, end = token.start_mark, token.end_mark
        if token.style in ("'", '"') and begin.line < end.line < len(lines):
            rest = lines[end.line][end.column :].strip()
            if rest and not rest.startswith(_MAY_FOLLOW):
                return Place(begin.line + 1, begin.column + 1), token.style
    return None


def _iterate_scalar_tokens(text: str) -> Iterator[yaml.ScalarToken]:
    """The scalars in front of the first error of the scanner."""
    try:
        for token in yaml.scan(text, Loader=LOADER):
            if isinstance(token, yaml.ScalarToken):
                yield token
    except yaml.YAMLError:
        return
