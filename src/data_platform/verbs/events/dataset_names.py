"""The names under which lineage tools know what the mesh reads and writes."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import unquote, urlsplit

from data_platform.engine.origin import Origin
from data_platform.errors import BadInput
from data_platform.lineage.facts import Port
from data_platform.lineage.naming import Name, name_file, name_output, name_place, name_postgres_table, name_stream
from data_platform.record.catalog.outputs import OutputRow
from data_platform.settings.sources import SUFFIXES, FilesSource, PostgresSource
from data_platform.spec.product.model import Output, OutputType, Product
from data_platform.spec.schema.types import TableSchema
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.environments import resolve_origin


def name_table(context: Context, product: str, output: str) -> Name:
    """A table of the mesh, by its place."""
    return name_place(context.place(product, output).uri)


def name_row(context: Context, row: OutputRow) -> Name:
    """An output that is registered: a stream by its topic, a table by its folder."""
    return name_stream(row.topic) if row.topic else name_table(context, row.product, row.name)


def build_port(
    context: Context, product: Product, output: Output, schema: TableSchema | None, ends_at: datetime | None = None
) -> Port:
    """An output as events describe it; a stream is named by its topic. `ends_at` is its announced end."""
    if output.type is OutputType.STREAM:
        return Port(product, output, schema, name_stream(product.topic(output)), ends_at=ends_at)
    place = context.storage.build_uri()
    return Port(product, output, schema, name_table(context, product.name, output.name), place, ends_at)


def name_origin(context: Context, origin: Origin) -> Name:
    """What a frame was read from: a table of the mesh, or one of a declared source, by where that lies.

    A source that cannot be placed (its settings are gone, a variable is not set) keeps its logical name: where data
    came from must not stop a publish.
    """
    if origin.kind == "product":
        return name_table(context, origin.name, origin.output)
    if resolved := resolve_origin(context, origin):
        return name_table(resolved[0], resolved[1].name, origin.output)
    source = context.settings.sources.get(origin.name)
    try:
        placed = _name_source_table(source, origin.output) if source is not None else None
    except (BadInput, ValueError, OSError):
        placed = None
    return placed or name_output(origin.name, origin.output)


def _name_source_table(source: FilesSource | PostgresSource, table: str) -> Name | None:
    if isinstance(source, FilesSource):
        root = source.resolve_folder()
        file = next((path for suffix in SUFFIXES if (path := root / f"{table}{suffix}").is_file()), root / table)
        return name_file(str(file))
    parts = urlsplit(source.uri.resolve_uri())
    database = unquote(parts.path.strip("/"))
    if not parts.hostname or "," in parts.hostname or not database:
        return None  # several servers, or what libpq takes from its own environment
    return name_postgres_table(parts.hostname, parts.port or 5432, database, table)
