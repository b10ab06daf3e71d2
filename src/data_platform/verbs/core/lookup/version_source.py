"""A recorded version as a source of the engine."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Mapping
from functools import partial

from data_platform.access.view import TableView
from data_platform.engine.digests import PublishedFile
from data_platform.engine.source import ParquetSource
from data_platform.engine.views.messages import restore_view, serialize_view
from data_platform.errors import StorageFailed
from data_platform.keys.current import CurrentKeys
from data_platform.keys.ring import footer_key_id
from data_platform.keys.states import Erasure, MissingKeys
from data_platform.record.catalog.data_files import DataFileRow, map_by_version
from data_platform.record.catalog.versions import VersionRow
from data_platform.spec.access.row_filters import EVERY_ROW
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.json_form import restore_schema
from data_platform.tables.iceberg.read import Extent, list_data_files
from data_platform.tables.storage.locations import find_path, locate
from data_platform.tables.storage.port import Storage
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.column_encryption import map_key_ids
from data_platform.verbs.core.encryption.erasures import map_erasures
from data_platform.verbs.core.encryption.mask_key import fetch_mask_key
from data_platform.verbs.core.encryption.missing_keys import explain_missing_key, explain_replaced_key
from data_platform.verbs.results.reading import ReadTicket, TicketFile


def open_version(context: Context, version: VersionRow, view: TableView) -> ParquetSource:
    """The version's files, as the view shows them.

    Keys are fetched whenever the files are read, and only if the view reads encrypted values. One that was erased is
    left out: the other columns stay readable.
    """
    return ticket_source(context, make_ticket(context, version, view))


def make_ticket(context: Context, version: VersionRow, view: TableView) -> ReadTicket:
    """The ticket for a version under a view; it names no key to decrypt with where no encrypted value is read.

    Of an erased column the masks are shown as if it had no value.
    """
    schema = version.schema
    folder = context.folder(version.product)
    columns = map_key_ids(folder, version.output, schema)
    recorded = _read_files(context, version)
    extent = Extent(version.stage_id, version.files, version.rows, frozenset(recorded) or None)
    files = list_data_files(context.place(version.product, version.output), version.manifest_list, extent)
    erasures = _read_erasures(context, version) if _decrypts(view, columns) else {}
    view = view.without_values(erasures)
    decrypts = _decrypts(view, columns)
    return ReadTicket(
        version.product,
        version.output,
        version.version,
        environment=None,
        schema=version.stored_schema.json,
        files=tuple(_ticket_file(context, key, recorded.get(key)) for key in files),
        rows=version.rows if view.condition == EVERY_ROW else None,
        stage_id=version.stage_id,
        masks=frozenset(view.masks.keys() - view.clear_rows),
        row_masks=frozenset(view.clear_rows),
        mask_kinds={name: mask.kind for name, mask in view.masks.items()},
        view=serialize_view(view),
        encrypted=columns,
        footer_key=footer_key_id(folder, version.output) if decrypts else None,
        erasures=erasures if decrypts else {},
        # without a digest it was written by a program that told wrong bounds of NaN and zero
        exact_bounds=len(recorded) == len(files),
    )


def _decrypts(view: TableView, encrypted: Iterable[str]) -> bool:
    """Whether the view reads a value of an encrypted column."""
    hidden = view.constants - view.list_tested_columns()
    return any(name not in hidden for name in encrypted)


def ticket_source(context: Context, ticket: ReadTicket) -> ParquetSource:
    """The ticket's files as the engine reads them, with the keys that the ticket names and the keyring has."""
    schema = restore_schema(ticket.schema)
    wanted = [key_id for column, key_id in ticket.encrypted.items() if column not in ticket.erasures]
    digests = [PublishedFile(file.path, file.bytes or 0, file.digest) for file in ticket.files if file.digest]
    return ParquetSource(
        tuple(file.path for file in ticket.files),
        to_arrow(schema),
        frozenset(ticket.encrypted),
        CurrentKeys(context.keyring, (ticket.footer_key, *wanted)) if ticket.footer_key else {},
        ticket.rows,
        digests=tuple(sorted(digests, key=lambda file: file.path)),
        exact_bounds=ticket.exact_bounds,
        personal=frozenset(schema.masked),
        explain_missing=partial(_explain_missing, context, ticket),
        view=restore_view(ticket.view),
        fetch_mask_key=partial(fetch_mask_key, context),
    )


def _ticket_file(context: Context, key: str, recorded: DataFileRow | None) -> TicketFile:
    _refuse_irregular(context.storage, key)
    path = find_path(context.storage, key)
    return TicketFile(path) if recorded is None else TicketFile(path, recorded.bytes, recorded.digest)


def _refuse_irregular(storage: Storage, key: str) -> None:
    """Raises StorageFailed for a pipe, which would block a reader; a missing file is reported by its reader."""
    try:
        storage.describe(key)
    except OSError as error:
        if error.errno == errno.EINVAL:
            what = f"the data file {locate(storage, key)} is no regular file"
            raise StorageFailed(what, hint="take it from a backup") from error


def _read_files(context: Context, version: VersionRow) -> Mapping[str, DataFileRow]:
    """The recorded files of the version by key; none of a version that an older program wrote."""
    with context.record.reading() as conn:
        files = map_by_version(conn, [version.stage_id])
    return {row.path: row for row in files.get(version.stage_id, ())}


def _read_erasures(context: Context, version: VersionRow) -> dict[str, Erasure]:
    with context.record.reading() as conn:
        return map_erasures(conn, context.folder(version.product), version.output, version.version)


def _explain_missing(context: Context, ticket: ReadTicket, column: str) -> MissingKeys:
    """Why a column is closed, also one that was erased after the ticket was made."""
    key_id, erasure = ticket.encrypted[column], ticket.erasures.get(column)
    missing = explain_missing_key(context, ticket.footer_key or "", key_id, erasure)
    return missing or explain_replaced_key(context, key_id)
