"""The port of the engines: what runs the compiled query of a frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pyarrow as pa

from data_platform.engine.origin import OnRead, Origin
from data_platform.engine.plan.compile import Compiled
from data_platform.engine.source import ParquetSource, RemoteSource


class QueryRunner(Protocol):
    """Runs compiled frames: in this process, on a server, in a cluster. Frames of equal runners can be joined.

    A runner that computes rows calls `notify_readers` once, before it returns the first of them. It raises FrameError
    for a statement or a value that the engine refuses, StorageFailed where files cannot be read, Unavailable for a lack
    of memory or an engine that does not answer. No error quotes a value where `reads_personal_data`.

    `is_joinable`: its frames can be computed in this process too, together with those of other runners.
    """

    is_joinable: bool

    def read_table(self, compiled: Compiled) -> pa.Table:
        """The whole result, in the schema of `compiled`."""

    def stream_batches(self, compiled: Compiled, rows: int) -> pa.RecordBatchReader:
        """The result as a stream of batches of at most `rows` rows, in the schema of `compiled`.

        Rows are computed while they are read: what fails then is raised by the reader.
        """

    def explain(self, compiled: Compiled) -> str:
        """The columns that the query reads of each source, and the engine's plan. Nothing is read for it."""


def notify_readers(compiled: Compiled) -> None:
    """Tells the `on_read` of each scan, once, which columns of its origins are read."""
    listeners: dict[OnRead, dict[Origin, frozenset[str]]] = {}
    for alias, columns in compiled.sources.items():
        scan = compiled.scans[alias]
        if scan.on_read is not None and scan.origin is not None:
            reads = listeners.setdefault(scan.on_read, {})
            reads[scan.origin] = reads.get(scan.origin, frozenset()) | columns
    for on_read, reads in listeners.items():
        on_read(reads)


def reads_personal_data(compiled: Compiled) -> bool:
    """Whether the query reads a personal or encrypted column: an error of the engine may quote its values."""
    for alias, scan in compiled.scans.items():
        source, columns = scan.relation, compiled.sources[alias]
        if isinstance(source, ParquetSource) and columns & (source.personal | source.encrypted):
            return True
        if isinstance(source, RemoteSource) and columns & source.personal:
            return True
    return False


def describe_reads(compiled: Compiled) -> Iterator[str]:
    """A line for each source: the columns that the query reads, and of which rows."""
    for alias, columns in compiled.sources.items():
        condition = compiled.predicates.get(alias)
        where = f" where {condition.sql('duckdb')}" if condition is not None else ""
        yield f"{compiled.scans[alias].origin or alias}: {', '.join(sorted(columns)) or 'no column'}{where}"
