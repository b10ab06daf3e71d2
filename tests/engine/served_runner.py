"""A runner that sends the statement and the columns it reads, as bytes, to an engine of its own."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from data_platform.engine.plan.compile import Compiled
from data_platform.engine.plan.nodes import Scan, Stream
from data_platform.engine.plan.schema import convert_types
from data_platform.engine.runner import notify_readers, reads_personal_data
from data_platform.engine.source import ParquetSource
from data_platform.errors import FrameError, StorageFailed


class ServedRunner:
    """Runs frames on `serve`; `statements` are those that it was sent."""

    is_joinable = False

    def __init__(self) -> None:
        self.statements: list[str] = []

    def read_table(self, compiled: Compiled) -> pa.Table:
        """The whole result."""
        tables = {alias: write(read_columns(compiled, alias)) for alias in compiled.scans}
        notify_readers(compiled)
        self.statements.append(compiled.sql())
        try:
            table = pa.ipc.open_stream(serve(compiled.sql(), tables)).read_all()
        except FrameError:
            if reads_personal_data(compiled):
                raise FrameError("the engine refused a value, which is withheld") from None
            raise
        return convert_types(table.select(range(len(compiled.fields))), compiled.schema)

    def stream_batches(self, compiled: Compiled, rows: int) -> pa.RecordBatchReader:
        """The result in batches."""
        table = self.read_table(compiled)
        return pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=rows))

    def explain(self, compiled: Compiled) -> str:
        """The statement, and the columns of each source."""
        sources = [f"{alias}: {', '.join(sorted(columns))}" for alias, columns in compiled.sources.items()]
        return "\n".join([*sources, compiled.sql()])


def read_columns(compiled: Compiled, alias: str) -> pa.Table:
    """The columns that the query reads of a source; masked ones as it shows them."""
    scan, names = compiled.scans[alias], sorted(compiled.sources[alias])
    table = read_rows(scan).select(names) if names else read_rows(scan)
    for name in sorted(compiled.masked[alias]):
        kind = scan.schema.field(name).type
        values = ["***" if pa.types.is_string(kind) else None] * table.num_rows
        place = table.schema.get_field_index(name)
        column = pa.array(values, kind)
        table = table.append_column(name, column) if place < 0 else table.set_column(place, name, column)
    return table


def read_rows(scan: Scan) -> pa.Table:
    """All rows of a source."""
    if isinstance(scan.relation, Stream):
        return scan.relation.take().read_all()
    if not isinstance(scan.relation, ParquetSource):
        return scan.relation
    try:
        return pa.concat_tables(pq.read_table(path) for path in scan.relation.files)
    except OSError as error:
        if scan.on_fail is not None:
            scan.on_fail(str(error))
        raise StorageFailed(f"the data cannot be read: {error}") from error


def write(table: pa.Table) -> bytes:
    """The table as an IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def serve(statement: str, tables: Mapping[str, bytes]) -> bytes:
    """The engine: the answer to a statement over these tables, as an IPC stream."""
    with duckdb.connect(config={"python_enable_replacements": False}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for alias, content in tables.items():
            connection.register(alias, pa.ipc.open_stream(content).read_all())
        try:
            return write(connection.sql(statement).to_arrow_table())
        except duckdb.Error as error:
            raise FrameError(" ".join(str(error).split())) from error
