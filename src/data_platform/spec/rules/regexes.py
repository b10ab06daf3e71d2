"""Regular expressions in rules and schemas are RE2's: linear time, no look-around, no back references."""

from __future__ import annotations

from functools import lru_cache

MAX_LENGTH = 10_000


@lru_cache(maxsize=1024)
def find_regex_problem(pattern: str) -> str | None:
    """What is wrong with the pattern, or None; the syntax is https://github.com/google/re2/wiki/Syntax."""
    if len(pattern) > MAX_LENGTH:
        return f"the regular expression has {len(pattern)} characters, {MAX_LENGTH} is the limit"
    if "\x00" in pattern or any("\ud800" <= char <= "\udfff" for char in pattern):
        return "the regular expression holds a NUL character or half a surrogate pair"
    # Only those who use a regular expression wait the quarter of a second for the RE2 that Arrow carries.
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        reason = str(error).removeprefix("Invalid regular expression: ")
        return f"{pattern!r} is not a regular expression of RE2: {reason}"
    return None


def check_regex(pattern: object) -> str:
    """The pattern, when it is text and RE2 can read it, else ValueError."""
    if not isinstance(pattern, str):
        raise ValueError(f"a regular expression is text, not {pattern!r}")
    if problem := find_regex_problem(pattern):
        raise ValueError(problem)
    return pattern
