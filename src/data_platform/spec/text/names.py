"""Rules for names, and how text of a file is quoted in messages.

Domains, products and outputs follow one pattern, `NAME`: a lowercase letter, then up to 62 lowercase letters, digits,
`_` or `-`. Such a name is a folder on every file system (Windows too: its device names are refused), one segment of a
URL, and, in double quotes, a SQL identifier that no engine folds or cuts (Postgres keeps 63 bytes). Capitals are out
because `Orders` and `orders` would be one folder and one table on some machines and two on others; dots, because
`product.output` names an output.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
NAME_RULE = "a lowercase letter, then up to 62 lowercase letters, digits, _ or -"
LONGEST = 63
LONGEST_QUOTE = 60

_PLAIN = ("builtins", "datetime", "decimal", "pathlib", "uuid")
"""The modules of the types whose values a message may show; what others write of themselves may be rows of data."""
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))],
)
_CATALOGS = frozenset(["main", "memory", "system", "temp"])
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that Unicode calls printable and that show nothing."""


def name_problem(name: str) -> str | None:
    """Why `name` cannot be a domain, product or output, as words that follow the name; None when it can."""
    if len(name) > LONGEST:
        return f"has {len(name):,} characters, and a name has at most {LONGEST}"
    if character := find_hidden_character(name):
        return f"holds the hidden character {describe_character(character)}"
    if NAME.fullmatch(name) is None:
        return f"is no name: a name is {NAME_RULE}"
    if name in _DEVICES:
        return "is the name of a device on Windows and cannot be a folder there"
    if name in _CATALOGS:
        return "is a name that SQL engines keep for themselves"
    return None


def suggest_valid_name(text: str) -> str | None:
    """A valid name close to `text`, such as orders-fact for "Orders Fact"; None when there is none."""
    plain = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9_-]+", "-", plain).lstrip("0123456789_-")[:LONGEST].strip("-_")
    kept = len(name) * 2 >= len(text)
    return name if kept and name != text and name_problem(name) is None else None


def find_nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate closest to `name` without regard to case; None when none is near."""
    folded = {candidate.casefold(): candidate for candidate in candidates if len(candidate) <= 200}
    matches = get_close_matches(name[:100].casefold(), folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def find_hidden_character(text: str) -> str | None:
    """The first character that is not visible as itself: control, zero-width, bidirectional, surrogate, odd blank."""
    if text.isprintable() and _BLANKS.isdisjoint(text):
        return None
    return next(c for c in text if not c.isprintable() or c in _BLANKS)


def find_unstorable_character(text: str) -> str | None:
    """The first character that no database or file can hold as UTF-8 text: NUL or a lone surrogate."""
    return next((c for c in text if c == "\0" or "\ud800" <= c <= "\udfff"), None)


def describe_character(character: str) -> str:
    """A character by its code point and Unicode name, such as U+200B (zero width space)."""
    surrogate = "\ud800" <= character <= "\udfff"
    name = "lone surrogate" if surrogate else unicodedata.name(character, "control character").lower()
    return f"U+{ord(character):04X} ({name})"


def quote_text(text: str, limit: int = LONGEST_QUOTE) -> str:
    """The text in double quotes for a message: one line, hidden characters as escapes, cut at `limit`."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return '"' + escape_hidden(cut.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def quote_value(value: object) -> str:
    """The value for a message: text in double quotes, other plain values as Python writes them, else the type."""
    if isinstance(value, str):
        return quote_text(value)
    if type(value).__module__ not in _PLAIN:
        return f"a {type(value).__name__}"
    try:
        text = repr(value)
    except (RecursionError, ValueError, TypeError, AttributeError, RuntimeError):
        return f"a {type(value).__name__}"
    return escape_hidden(text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…")


def escape_hidden(text: str) -> str:
    """The text with hidden characters as escapes, so that no terminal interprets it."""
    if text.isprintable() and _BLANKS.isdisjoint(text):
        return text
    return "".join(_escape_character(c) if not c.isprintable() or c in _BLANKS else c for c in text)


def _escape_character(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode()
