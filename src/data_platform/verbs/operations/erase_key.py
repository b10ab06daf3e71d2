"""erase: the key of an encrypted column is destroyed, and with it the column's values in every version.

The erasure is recorded first, in one transaction with its audit entry and its event; then the key is erased. A program
that is interrupted in between is completed by the next erasure, rotation, publish of the output or tick; from the
record on, no read opens the column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.errors import BadInput, NotFound
from data_platform.keys.states import KeyState
from data_platform.record.catalog import outputs
from data_platform.record.operations import key_erasures
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.operations.key_erasures import ErasureRow
from data_platform.spec.text.names import quote_text
from data_platform.verbs.core.authorization.authorize import authorized_transaction
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.erasures import finish_erasures
from data_platform.verbs.core.lookup.resolve import OutputLabels, resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.lineage.impact_walk import ImpactWalk
from data_platform.verbs.lineage.lineage import MOST_DEPTH
from data_platform.verbs.operations.encrypted_columns import EncryptedColumn, list_encrypted_columns, select_columns
from data_platform.verbs.results.keys import ErasedColumn, ErasedKeys


@dataclass(frozen=True, slots=True)
class EraseKey(Request[ErasedKeys]):
    """Erase the keys of a product, of an output or of one column. `confirm` repeats the name that is erased."""

    product: str
    output: str | None = None
    column: str | None = None
    confirm: str = ""

    @property
    def name(self) -> str:
        """The name of what is erased: `PRODUCT[.OUTPUT[@MAJOR][.COLUMN]]`."""
        return ".".join(part for part in (self.product, self.output, self.column) if part is not None)


def erase_key(context: Context, request: EraseKey) -> ErasedKeys:
    """Erases the keys; columns that are erased already stay so, with the time of their erasure.

    Raises BadInput if `confirm` is not the name, or if several majors of the output have keys and none is named, and
    NotFound if nothing of that name has a key. An archived or retired output can be erased too.
    """
    if request.column is not None and not request.output:
        raise BadInput("a column is named without its output", hint="name all three: PRODUCT.OUTPUT.COLUMN")
    if request.confirm != request.name:
        raise BadInput(
            f"the erasure of {request.name} is not confirmed by {quote_text(request.confirm)}",
            hint=f"confirm it with the exact name: {request.name}",
        )
    with authorized_transaction(context) as tx:
        product = resolve_product(tx, request.product).name
        outputs.lock_all(tx, product)
        columns = _select_erasable(context, tx, product, request)
        erased = [column for column in columns if column.state is not KeyState.ERASED]
        _record_erasures(context, tx, columns, erased)
        if erased:
            _record_act(context, tx, product, request, erased)
        rows = key_erasures.list_by_keys(tx, [column.key_id for column in columns])
        copies = _find_copies(tx, product, columns)
    finish_erasures(context, rows)
    unreadable = {(row.output, row.version): row.rows for column in erased for row in column.versions}
    answers = tuple(_describe_erased(column, rows) for column in columns)
    return ErasedKeys(request.name, answers, len(unreadable), sum(unreadable.values()), copies)


def _select_erasable(context: Context, tx: Connection, product: str, request: EraseKey) -> list[EncryptedColumn]:
    selected = select_columns(tx, list_encrypted_columns(context, tx, product), product, request.output, request.column)
    columns = [entry for entry in selected if entry.column is not None]
    if not columns:
        raise NotFound(f"{request.name} has no encrypted column with a key", hint=f"data-platform keys list {product}")
    return columns


def _record_erasures(
    context: Context, tx: Connection, columns: Iterable[EncryptedColumn], erased: Sequence[EncryptedColumn]
) -> None:
    """Adds a row for each erased column, and for one whose erasure only the keyring knows."""
    now, by = context.clock(), context.principal.name
    for column in columns:
        newest = column.output.version
        if column in erased:
            row = ErasureRow(0, column.key_id, column.status.uid, newest, now, by)
        elif not column.erasures:
            kept = column.status.erasures[-1]
            row = ErasureRow(0, column.key_id, None, newest, kept.at, kept.by, now)
        else:
            continue
        key_erasures.add(tx, row)


def _record_act(
    context: Context, tx: Connection, product: str, request: EraseKey, erased: Sequence[EncryptedColumn]
) -> None:
    details = {
        "columns": [f"{column.label}.{column.column}" for column in erased],
        "keys": [column.key_id for column in erased],
        "versions": [column.output.version for column in erased],
    }
    record_outcomes(context, tx, ActOutcome(EventKind.KEYS_ERASED, Subject(product, request.output), details))


def _find_copies(tx: Connection, product: str, columns: Sequence[EncryptedColumn]) -> tuple[str, ...]:
    """The other outputs with columns that were made from the erased ones."""
    labels = OutputLabels(tx)
    erased = {(product, column.output.name) for column in columns}
    copies: set[str] = set()
    for column in columns:
        walk = ImpactWalk((product, column.output.name, column.column))
        walk.run(tx, MOST_DEPTH)
        for (reader, output), reached in walk.reached.items():
            if output is None or (reader, output) in erased:
                continue
            if any(name is not None for name in reached.columns):
                copies.add(f"{reader}.{labels.label(reader, output)}")
    return tuple(sorted(copies))


def _describe_erased(column: EncryptedColumn, rows: Iterable[ErasureRow]) -> ErasedColumn:
    last = [row for row in rows if row.key_id == column.key_id][-1]
    return ErasedColumn(column.label, column.column or "", last.version, last.erased_at, last.erased_by)
