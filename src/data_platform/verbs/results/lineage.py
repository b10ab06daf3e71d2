"""Where data comes from, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data_platform.verbs.results.keys import ErasedColumn


@dataclass(frozen=True, slots=True)
class LineageReport:
    """What other tools said, and who sent it: the job and the run of an OpenLineage event. No fact of the mesh.

    `at` is the moment of the last such event; `verified` says that the identity of the sender was proved.
    """

    job: str
    producer: str
    by: str
    verified: bool
    run: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LineageNode:
    """One step up- or downstream, with its own further steps.

    `kind` is product or source; `declared` is true while only product.yaml says so and no data has come that way.
    With a `report` only another tool says so; then `kind` may be external: `product` is the namespace of a dataset
    elsewhere, whose name is `output` upstream and in `feeds` downstream.
    A node on its own way is a `cycle`; one whose further steps are listed elsewhere, where it is nearer, comes `again`.
    """

    product: str
    output: str | None
    kind: str
    declared: bool
    version: int | None = None
    columns: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    cycle: bool = False
    again: bool = False
    steps: tuple[LineageNode, ...] = ()
    report: LineageReport | None = None


@dataclass(frozen=True, slots=True)
class IgnoredEvent:
    """An event that was not kept: its place among those that were sent, from 0, and the reason."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReceivedLineage:
    """How many events of others were kept, for which outputs, and those that were not."""

    kept: int
    outputs: tuple[str, ...]
    ignored: tuple[IgnoredEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class LineageGraph:
    """Where a product's data (or that of one `output`) comes from and where it goes, and which columns are erased."""

    product: str
    upstream: tuple[LineageNode, ...]
    downstream: tuple[LineageNode, ...]
    output: str | None = None
    erased: tuple[ErasedColumn, ...] = ()
