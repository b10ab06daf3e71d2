"""The facts of events as types: the port and its contract, the run, its inputs, output and findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from data_platform.lineage.naming import Name, name_job, name_output
from data_platform.lineage.uses import ColumnLineage
from data_platform.spec.product.model import Output, Product
from data_platform.spec.rules.model import Rule
from data_platform.spec.schema.types import TableSchema


@dataclass(frozen=True, slots=True)
class Port:
    """An output of a product under its contract, and where it lies.

    `schema` is None until one is known; `place` is the URI of all the tables, None for what is no table; `ends_at` is
    the announced end of a deprecated output.
    """

    product: Product
    output: Output
    schema: TableSchema | None
    dataset: Name
    place: str | None = None
    ends_at: datetime | None = None

    @property
    def logical(self) -> Name:
        """The dataset as products name it."""
        return name_output(self.product.name, self.output.name)

    def name_job(self, part: str | None = None) -> Name:
        """What builds the output, or another `part` of the work around it."""
        return name_job(self.product.domain, self.product.name, self.output.name, part)


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of a job, from `started` to `ended`."""

    id: UUID
    started: datetime
    ended: datetime

    def make_part(self, name: str) -> JobRun:
        """A run inside this one; the same name gives the same id."""
        return JobRun(uuid5(self.id, name), self.started, self.ended)


@dataclass(frozen=True, slots=True)
class Used:
    """A dataset that was read, its version where it has one, and its schema where that is known.

    `place` is the URI of all the tables of the mesh, None for what lies outside it.
    """

    dataset: Name
    version: int | None = None
    schema: TableSchema | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class WrittenVersion:
    """The version that a publish made: its number, rows, bytes and files."""

    version: int
    rows: int
    bytes: int
    files: int


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """What a rule found: `value` is None where it gave none, or where the number itself is protected."""

    rule: Rule
    passed: bool
    value: float | int | None


@dataclass(frozen=True, slots=True)
class Made:
    """How a run came to its rows: what it read, and (where known) column by column, and the query that says so."""

    inputs: Sequence[Used] = ()
    columns: ColumnLineage[Name] | None = None
    sql: str | None = None
