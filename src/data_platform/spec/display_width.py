"""The columns that a text takes in a terminal, as rich measures what it draws."""

from __future__ import annotations


def measure_width(text: str) -> int:
    """None for combining marks (Thai vowels), two for wide letters and for a sequence of emoji that is drawn as one."""
    if text.isascii():
        return len(text)
    # Most commands print ASCII alone, and need no tables of Unicode
    from rich.cells import cell_len

    return cell_len(text)
