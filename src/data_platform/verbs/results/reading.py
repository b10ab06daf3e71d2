"""What consume and sql answer: tickets, from which the side that reads makes a frame or takes rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from data_platform.engine.origin import Origin
from data_platform.lineage.uses import ColumnLineage
from data_platform.settings import Environment
from data_platform.spec.access.masks import MaskKind

if TYPE_CHECKING:
    from data_platform.keys.states import Erasure


@dataclass(frozen=True, slots=True)
class TicketFile:
    """A data file; size and digest (`ALGORITHM:HEX`) are None where none is recorded."""

    path: str
    bytes: int | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class ReadTicket:
    """What a reader needs to read one version: neither rows nor keys are in it.

    `environment` is the one whose mesh has the version, None for the mesh that answered. `schema` is the contract's
    form in the record. `columns` are those that were asked for, None for all; those in `masks` are shown masked,
    and those in `row_masks` on some rows; `mask_kinds` says how. `view` is all that the reader sees of the version, as
    JSON, for the side that has its files.
    `rows` is None where the reader does not see all of them.
    `encrypted` has the key id of each encrypted column, and `erasures` those of its columns that are erased;
    `footer_key` is None where none of them is to be decrypted.
    `exact_bounds`: the files' bounds of floats are exact. `read_id` is the record of the read, None where reads are not
    recorded, and `stage_id` names the files in it.
    """

    product: str
    output: str
    version: int
    environment: Environment | None
    schema: Mapping[str, Any]
    files: tuple[TicketFile, ...]
    rows: int | None
    stage_id: str
    columns: tuple[str, ...] | None = None
    masks: frozenset[str] = frozenset()
    row_masks: frozenset[str] = frozenset()
    mask_kinds: Mapping[str, MaskKind] = field(default_factory=dict)
    view: Mapping[str, Any] = field(default_factory=dict)
    encrypted: Mapping[str, str] = field(default_factory=dict)
    footer_key: str | None = None
    erasures: Mapping[str, Erasure] = field(default_factory=dict)
    exact_bounds: bool = False
    statistics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    read_id: int | None = None


@dataclass(frozen=True, slots=True)
class QueryTicket:
    """A query that has begun: its rows are the stream of Arrow batches with the id `stream`, which is taken once.

    `limit` is the caller's, and `most_rows` the mesh's: beyond it there is no result. Of a SQL query `reads` are the
    columns that it reads of each version, and `lineage` what each column of the result is made from.
    """

    stream: str
    limit: int | None
    most_rows: int
    warnings: tuple[str, ...] = ()
    reads: Mapping[Origin, frozenset[str]] = field(default_factory=dict)
    lineage: ColumnLineage[Origin] = field(default_factory=ColumnLineage)
