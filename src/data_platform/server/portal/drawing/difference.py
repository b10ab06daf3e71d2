"""What changed between two texts, line by line, with some lines around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff

_KINDS = {"+": "added", "-": "removed", " ": "same"}


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """A line that was added or removed, or is the same; a file or a gap begins with a line of kind `place`."""

    kind: str
    sign: str
    text: str


def compare_texts(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[DifferenceLine]:
    """The lines of documents by name that changed, with two equal lines around each change."""
    for name in dict.fromkeys([*before, *after]):
        lines = unified_diff(before.get(name, "").splitlines(), after.get(name, "").splitlines(), n=2, lineterm="")
        changed = [line for line in lines if not line.startswith(("---", "+++"))]
        if changed:
            yield DifferenceLine("place", "", name)
        for line in changed:
            if line.startswith("@@"):
                yield DifferenceLine("place", "", "…")
            else:
                yield DifferenceLine(_KINDS[line[0]], line[0].replace("-", "−"), line[1:])
