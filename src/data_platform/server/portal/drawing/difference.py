"""What changed between two texts, line by line, with some lines around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff

from data_platform.verbs.results import VersionInfo

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


@dataclass(frozen=True, slots=True)
class VersionChange:
    """What is different in a version: rows and bytes more or fewer (None: unknown), and columns by name."""

    rows: int | None
    bytes: int | None
    added: tuple[str, ...]
    removed: tuple[str, ...]
    retyped: tuple[str, ...]


def compare_versions(version: VersionInfo, before: VersionInfo | None) -> VersionChange | None:
    """What changed since the version before; None for the first."""
    if before is None:
        return None
    types, previous = ({column.name: column.type for column in info.schema} for info in (version, before))
    return VersionChange(
        _subtract(version.rows, before.rows),
        _subtract(version.bytes, before.bytes),
        tuple(name for name in types if name not in previous),
        tuple(name for name in previous if name not in types),
        tuple(f"{name}: {previous[name]} → {type}" for name, type in types.items() if previous.get(name, type) != type),
    )


def _subtract(value: int | None, before: int | None) -> int | None:
    return None if value is None or before is None else value - before
