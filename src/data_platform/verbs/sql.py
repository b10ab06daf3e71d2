"""sql: a SELECT over everything the caller may read, run where it can reach nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.access.decide import decide
from data_platform.engine.query_result import QueryResult
from data_platform.engine.source import Source
from data_platform.engine.worker.stream import Bounds, RowStream
from data_platform.errors import BadInput, NotFound
from data_platform.lineage.columns import column_lineage
from data_platform.record import outputs, usage
from data_platform.record.usage import Read
from data_platform.record.versions import VersionRow
from data_platform.spec.names import nearest
from data_platform.spec.query_sql import QuerySql, TableName, read_query
from data_platform.verbs import telling
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.permission import permit
from data_platform.verbs.reading import find_version, masked_columns
from data_platform.verbs.request import Request
from data_platform.verbs.sources import version_source

Key = tuple[str, ...]
PURPOSE = "sql"


@dataclass(frozen=True, slots=True)
class Sql(Request[QueryResult]):
    """Run one SELECT in DuckDB's SQL over tables named `"product".output`.

    `limit` stops after so many rows; `mask` shows PII columns as others see them, wherever the query uses them.
    """

    query: str
    limit: int | None = None
    mask: bool = False


@dataclass(frozen=True, slots=True)
class _Table:
    """What a name in the query means: a version, and its columns that must be hidden."""

    version: VersionRow
    hidden: frozenset[str]


def run_sql(mesh: Mesh, request: Sql) -> QueryResult:
    """The rows, as they are taken; each version read is recorded once the query runs, with the columns it reads.

    Raises QueryFailed, NotFound, AccessDenied, StorageFailed.
    """
    query = read_query(request.query)
    limits = mesh.settings.limits
    bounds = Bounds(limits.query_seconds, _rows(request.limit, limits.query_rows), limits.query_result_mb)
    with mesh.record.reading() as conn:
        tables = {table.key: _found(mesh, conn, table, mask=request.mask) for table in query.tables}
    sources = {key: version_source(mesh, table.version, clear=not request.mask) for key, table in tables.items()}
    masks = {key: table.hidden for key, table in tables.items()}
    rows = RowStream(mesh.query_workers, sources, query.text, bounds, masks)
    columns = _columns_read(query, sources)
    _record(mesh, tables, {key: columns[key] - table.hidden for key, table in tables.items()})
    return QueryResult(rows, request.limit, limits.query_rows)


def _rows(limit: int | None, most: int) -> int:
    if limit is not None and not 0 <= limit <= most:
        raise BadInput(
            f"the limit is {limit:,}, and a query hands out from 0 to {most:,} rows",
            hint="raise query_rows under [limits] in settings.toml",
        )
    return most if limit is None else limit


def _found(mesh: Mesh, conn: Connection, table: TableName, *, mask: bool) -> _Table:
    """The version that a name in the query means; an error says where the name stands."""
    try:
        product = table.product or _only_product(mesh, conn, table.output)
        permit(mesh, "consume", f"{product}.{table.output}")
        version = find_version(conn, product, table.output, table.version, table.moment)
    except (NotFound, BadInput) as error:
        place = f"line {table.line}, column {table.column}"
        raise type(error)(f"{place}: {error.message}", hint=error.hint) from None
    return _Table(version, masked_columns(conn, version) if mask else frozenset())


def _only_product(mesh: Mesh, conn: Connection, output: str) -> str:
    """The one product with an output of that name, among those that the caller may read."""
    products = [row.product for row in outputs.named(conn, output) if _may(mesh, row.product, output)]
    if len(products) == 1:
        return products[0]
    if products:
        choices = ", ".join(f'"{product}".{output}' for product in products[:8])
        raise BadInput(f"{len(products)} products have an output {output}", hint=f"name one: {choices}")
    raise NotFound(f"no product has an output {output}", hint=_closest(mesh, outputs.names(conn), output))


def _closest(mesh: Mesh, known: Iterable[tuple[str, str]], output: str) -> str:
    readable = {name: product for product, name in known if _may(mesh, product, name)}
    close = nearest(output, readable)
    if close:
        return f'did you mean "{readable[close]}".{close}?'
    return 'a table is "product".output; `data-platform search` lists the products'


def _may(mesh: Mesh, product: str, output: str) -> bool:
    return decide(mesh.principal, "consume", f"{product}.{output}").allowed


def _columns_read(query: QuerySql, sources: Mapping[Key, Source]) -> dict[Key, frozenset[str]]:
    """The columns read of each table; all of them where the query's names cannot be traced."""
    columns = {key: list(source.schema.names) for key, source in sources.items()}
    try:
        lineage = column_lineage(query.tree, {".".join(key): names for key, names in columns.items()})
    except BadInput:
        return {key: frozenset(names) for key, names in columns.items()}
    uses = {use for found in (*lineage.fields.values(), lineage.dataset) for use in found}
    return {key: frozenset(use.column for use in uses if use.table == ".".join(key)) for key in columns}


def _record(mesh: Mesh, tables: Mapping[Key, _Table], columns: Mapping[Key, frozenset[str]]) -> None:
    """One read for each version, however often the query names it."""
    read: dict[tuple[str, str, int], set[str]] = {}
    for key, table in tables.items():
        version = table.version
        read.setdefault((version.product, version.output, version.version), set()).update(columns[key])
    who, now = mesh.principal, mesh.clock()
    if not read:
        return
    with mesh.record.transaction() as tx:
        for (product, output, number), names in sorted(read.items()):
            row = Read(0, product, output, number, tuple(sorted(names)), who.name, who.verified, now, PURPOSE)
            usage.add(tx, row)
            telling.consumed(mesh, tx, product, output, number)
