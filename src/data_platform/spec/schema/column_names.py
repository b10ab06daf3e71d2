"""Rules for column names: safe as a quoted SQL identifier, in a dotted path and in a Parquet key list.

A name has 1 to 128 characters: letters, digits and combining marks of any script, `_`, `-`, and single spaces inside.
Two names that differ only in case are one name, because SQL engines see them so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import islice

from data_platform.spec.text.json_document import JsonReport, Node
from data_platform.spec.text.names import find_hidden_character

MAX_LENGTH = 128
MAX_CANDIDATES = 500


def find_column_name_problem(name: str) -> str | None:
    """What is wrong with a column's name, or None."""
    if not name:
        return "a column needs a name"
    if len(name) > MAX_LENGTH:
        return f"a column's name may have {MAX_LENGTH} characters, {name[:20] + '…'!r} has {len(name)}"
    for char in name:
        if not _is_allowed(char) or find_hidden_character(char):
            return f"a column's name may not hold {char!r} (U+{ord(char):04X}): {name!r}"
    if name != name.strip() or "  " in name:
        return f"a column's name may hold single spaces only, and only inside: {name!r}"
    if unicodedata.normalize("NFC", name) != name:
        return f"a column's name must be in Unicode's composed form (NFC): {name!r}"
    return None


def _is_allowed(char: str) -> bool:
    return char in "_- " or unicodedata.category(char)[0] in "LMN"


def find_twins(names: Iterable[str]) -> dict[int, str]:
    """The index of each name that equals an earlier one without regard to case, with the earlier one."""
    seen: dict[str, str] = {}
    repeated = {}
    for place, name in enumerate(names):
        folded = name.casefold()
        if folded in seen:
            repeated[place] = seen[folded]
        else:
            seen[folded] = name
    return repeated


def check_names(keys: Sequence[Node], report: JsonReport) -> None:
    """Report every name, given with its place, that no column may have, and every name that appears twice."""
    for key in keys:
        if problem := find_column_name_problem(str(key.value)):
            report.add(key, problem, "rename the column")
    for place, first in find_twins(str(key.value) for key in keys).items():
        message = f"{keys[place].value!r} and {first!r} are one name to a SQL engine, which reads no case"
        report.add(keys[place], message, "rename one of them")


def suggest_name(name: str, names: Iterable[str], cutoff: float = 0.6) -> str | None:
    """A hint that names the known name most like `name` (cutoff 0 to 1), or None when none is near."""
    candidates = {other.casefold(): other for other in islice(names, MAX_CANDIDATES) if len(other) <= MAX_LENGTH}
    close = get_close_matches(name[:MAX_LENGTH].casefold(), candidates, n=1, cutoff=cutoff)
    return f"did you mean {candidates[close[0]]!r}?" if close else None
