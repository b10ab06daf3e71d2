"""What is known of single columns: what they are made from, what is made of them, and whom a change touches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data_platform.verbs.results.lineage import LineageReport


@dataclass(frozen=True, slots=True, order=True)
class Transformation:
    """What one column does in another, in OpenLineage's words: DIRECT IDENTITY, INDIRECT JOIN, …

    `masking`: no row's own value can be read from the result.
    """

    type: str
    subtype: str
    masking: bool = False

    def __str__(self) -> str:
        return ("masked " if self.masking else "") + self.subtype.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class ColumnNode:
    """A column one step up- or downstream, with its own further steps; `column` None: every row of the output.

    `kind` is product or source, of which the first has a `version`. A node on its own way is a `cycle`; one
    whose further steps are listed elsewhere, where it is nearer, comes `again`. With a `report` only another tool says
    so, and not what it did; then `kind` may be external: `product` is a namespace, and `output` a dataset's name in it.
    """

    product: str
    output: str | None
    column: str | None
    kind: str
    version: int | None
    transformations: tuple[Transformation, ...]
    cycle: bool = False
    again: bool = False
    steps: tuple[ColumnNode, ...] = ()
    report: LineageReport | None = None


@dataclass(frozen=True, slots=True)
class ColumnGraph:
    """Where a column's values come from and where they go."""

    product: str
    output: str
    column: str
    upstream: tuple[ColumnNode, ...]
    downstream: tuple[ColumnNode, ...]


@dataclass(frozen=True, slots=True)
class ColumnReader:
    """A principal who read an affected column lately; `verified`: their identity was proved."""

    principal: str
    verified: bool
    reads: int
    last_read: datetime


@dataclass(frozen=True, slots=True)
class AffectedColumn:
    """A column whose values change; `column` None: which rows there are, so every column."""

    column: str | None
    transformations: tuple[Transformation, ...]


@dataclass(frozen=True, slots=True)
class AffectedOutput:
    """An output that a change reaches, `steps` away; `output` None: what the product only declares to read.

    `certain` is false where no column lineage is known on the way, only that the output was (or will be) read. With a
    `report` only another tool says that it is reached; `external`: it is a dataset outside the mesh, whose namespace is
    `product` and whose name is `output`.
    """

    product: str
    output: str | None
    steps: int
    certain: bool
    domain: str | None
    owner: str | None
    columns: tuple[AffectedColumn, ...]
    readers: tuple[ColumnReader, ...]
    report: LineageReport | None = None
    external: bool = False
    other_readers: int = 0


@dataclass(frozen=True, slots=True)
class Impact:
    """Everything downstream that a change of one column touches, nearest first, and who reads the column itself.

    `other_readers` counts those whose names only the owner's side and the governance see; so in each output.
    """

    product: str
    output: str
    column: str
    owner: str
    readers: tuple[ColumnReader, ...]
    touched: tuple[AffectedOutput, ...]
    other_readers: int = 0
