"""The lines that decide who may read an output: those of product.yaml, of the mesh itself, and of grants.

A line is typed data: its id says where it is written, and `needs` what a reader must be. `access/cedar` compiles them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

from data_platform.spec.access.model import AccessSpec, ReaderConditions, ReaderEntry, Visibility

FILE = "product.yaml"


@dataclass(frozen=True, slots=True)
class IsTrue:
    """A fact about the reader is true."""

    fact: str


@dataclass(frozen=True, slots=True)
class HasAny:
    """The reader has one of `values` among its facts of that name: teams, names, roles, domains, purposes."""

    fact: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HoldsGrant:
    """The reader holds the grant that is asked about, and it counts at the moment of the decision."""


Need = IsTrue | HasAny | HoldsGrant


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line that allows, or forbids, those who have all of `needs`; `entry` is the reader's entry that it is.

    `title` says whom a line means that is no entry.
    """

    id: str
    title: str
    needs: tuple[Need, ...]
    forbids: bool = False
    entry: ReaderEntry | None = None

    @property
    def text(self) -> str:
        """Whom the line means, and what it opens if it is an entry."""
        return self.title if self.entry is None else str(self.entry)


OWNER = ReadLine("owner", "the owner of the product", (IsTrue("is_owner"),))
ADMIN = ReadLine("admin", "an admin", (IsTrue("is_admin"),))
GRANT = ReadLine("grant", "a grant", (IsTrue("has_role"), HoldsGrant()))
DISABLED = ReadLine("disabled", "the principal is disabled", (IsTrue("is_disabled"),), forbids=True)
UNDECIDED = ReadLine("undecided", "a fact about the reader that cannot be read", (), forbids=True)
"""What denies where Cedar reports an error: it would skip the line that it cannot evaluate, also one that forbids."""
_CONDITIONS = tuple(field.name for field in fields(ReaderConditions))
_FACTS = {"principals": "names"}
_VISIBILITIES = {Visibility.PUBLIC: (), Visibility.INTERNAL: (IsTrue("has_role"),)}
"""What a reader needs where nothing else opens the output; restricted opens it to nobody."""


def list_lines(access: AccessSpec) -> tuple[ReadLine, ...]:
    """Every line that may decide about an output, but for GRANT; each id is there once."""
    lines = [DISABLED, OWNER, ADMIN, *_list_visibility(access), *map(_make_line, access.readers or ())]
    counts: Counter[str] = Counter()
    for at, line in enumerate(lines):
        counts[line.id] += 1
        if counts[line.id] > 1:
            lines[at] = replace(line, id=f"{line.id} ({counts[line.id]})")
    return tuple(lines)


def describe_visibility(access: AccessSpec) -> str:
    """The visibility and where it is written, such as `visibility public (product.yaml:5)`; the default says so."""
    line = access.lines.get("visibility")
    place = "default" if access.visibility is None else FILE if line is None else f"{FILE}:{line}"
    return f"visibility {access.effective_visibility} ({place})"


def _list_visibility(access: AccessSpec) -> Iterator[ReadLine]:
    visibility = access.effective_visibility
    if visibility in _VISIBILITIES:
        opened = "everyone who is signed in" if visibility is Visibility.PUBLIC else "everyone with a role"
        yield ReadLine(describe_visibility(access), opened, _VISIBILITIES[visibility])


def _make_line(entry: ReaderEntry) -> ReadLine:
    who = entry.who
    needs = [HasAny(_FACTS.get(name, name), values) for name in _CONDITIONS if (values := getattr(who, name))]
    place = FILE if entry.line is None else f"{FILE}:{entry.line}"
    required = () if entry.deny else (IsTrue("has_role"),)
    return ReadLine(place, "", (*required, *needs), entry.deny, entry)
