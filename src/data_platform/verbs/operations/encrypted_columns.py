"""The encrypted columns of the mesh: the keys that its versions and contracts name, with the state of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.errors import BadInput
from data_platform.keys.ring import footer_key_id
from data_platform.keys.states import Erasure, KeyState, KeyStatus
from data_platform.record.catalog import outputs, versions
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.operations import key_erasures
from data_platform.record.operations.key_erasures import ErasureRow
from data_platform.spec.product.output_names import OutputName
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.column_encryption import map_key_ids
from data_platform.verbs.core.lookup.resolve import list_majors, map_labels, output_not_found


@dataclass(frozen=True, slots=True)
class EncryptedColumn:
    """A column with a key, or the footers of an output (`column` is None).

    `versions` are those that its present or missing key encrypts, newest first; `status` is what the keyring says of
    the key, and `erasures` what the record says.
    """

    output: OutputRow
    label: str
    column: str | None
    key_id: str
    status: KeyStatus
    versions: tuple[VersionRow, ...]
    erasures: tuple[ErasureRow, ...]

    @property
    def state(self) -> KeyState:
        """The state of the key. It counts as erased once its erasure is recorded."""
        uid = self.status.uid
        is_erased = any(row.finished_at is None or (uid and row.key_uid == uid) for row in self.erasures)
        covered = self.status.is_missing and bool(self.erasures) and not self.versions
        return KeyState.ERASED if is_erased or covered else self.status.state

    @property
    def last_erasure(self) -> Erasure | None:
        """The last erasure of a key of this column, by the record or else by the keyring."""
        if self.erasures:
            return Erasure(self.erasures[-1].erased_at, self.erasures[-1].erased_by)
        return self.status.erasures[-1] if self.status.erasures else None


def list_encrypted_columns(context: Context, conn: Connection, product: str) -> list[EncryptedColumn]:
    """The columns of a product that have or had a key, and the footers, by output."""
    folder = context.folder(product)
    rows = outputs.list_by_product(conn, product)
    labels = map_labels(rows)
    erasures = key_erasures.list_by_folder(conn, folder)
    history = versions.list_history(conn, product)
    columns: list[EncryptedColumn] = []
    for row in rows:
        of_output = [version for version in history if version.output == row.name]
        columns += _describe_output(context, folder, (row, labels[row.name]), of_output, erasures)
    return columns


def _describe_output(
    context: Context,
    folder: str,
    output: tuple[OutputRow, str],
    history: Sequence[VersionRow],
    erasures: Sequence[ErasureRow],
) -> Iterator[EncryptedColumn]:
    row, label = output
    encrypted = [(version, map_key_ids(folder, row.name, version.schema)) for version in history]
    of_contract = map_key_ids(folder, row.name, row.schema) if row.schema else {}
    key_ids = dict(item for ids in [of_contract, *(ids for _, ids in reversed(encrypted))] for item in ids.items())
    if not key_ids:
        return
    footer = footer_key_id(folder, row.name)
    statuses = context.keyring.describe([footer, *key_ids.values()])
    sealed = tuple(version for version, ids in encrypted if ids)
    if sealed or not statuses[footer].is_missing:
        yield EncryptedColumn(row, label, None, footer, statuses[footer], sealed, ())
    for column, key_id in sorted(key_ids.items()):
        of_key = tuple(erasure for erasure in erasures if erasure.key_id == key_id)
        until = max((erasure.version for erasure in of_key), default=0)
        readable = tuple(version for version, ids in encrypted if column in ids and version.version > until)
        if readable or of_key or not statuses[key_id].is_missing:
            yield EncryptedColumn(row, label, column, key_id, statuses[key_id], readable, of_key)


def select_columns(
    conn: Connection, columns: Iterable[EncryptedColumn], product: str, output: str | None, column: str | None
) -> list[EncryptedColumn]:
    """The columns of the output, and the one of that name; all of them by default.

    Raises NotFound for an unknown output, and BadInput if several majors of it have keys and none is named.
    """
    selected = list(columns)
    if output is not None:
        wanted = OutputName.parse(output)
        majors = {row.name for row in list_majors(conn, product, wanted.name) if wanted.major in (None, row.major)}
        if not majors:
            raise output_not_found(conn, product, output)
        selected = [entry for entry in selected if entry.output.name in majors]
        labels = sorted({entry.label for entry in selected})
        if len(labels) > 1:
            choices = ", ".join(f"{product}.{label}" for label in labels)
            raise BadInput(f"{product}.{output} has {len(labels)} majors with keys", hint=f"name one: {choices}")
    return [entry for entry in selected if column in (None, entry.column)]
