"""The key of the masks that hash values: one for the mesh, so that equal values have equal hashes in all its outputs.

It is a key of the keyring, wrapped as those of columns are. It stays when the master key is rotated.
"""

from __future__ import annotations

from data_platform.errors import NotFound, StorageFailed
from data_platform.keys.ring import LOST, MASK_KEY
from data_platform.record.operations import mesh_keys
from data_platform.record.operations.mesh_keys import MeshKeyRow
from data_platform.verbs.core.context import Context


def fetch_mask_key(context: Context) -> bytes:
    """Returns the key, 32 bytes for HMAC-SHA-256; the first call in a mesh creates it.

    Raises StorageFailed if it cannot be read, or is lost: values that are hashed with a new one would match no earlier
    hash.
    """
    if context.keyring.describe([MASK_KEY])[MASK_KEY].is_missing:
        _create_mask_key(context)
    try:
        return context.keyring.fetch([MASK_KEY])[MASK_KEY]
    except NotFound as error:
        raise StorageFailed(error.message, hint=error.hint) from error


def _create_mask_key(context: Context) -> None:
    folder = context.home.path / "keys"
    with context.record.reading() as conn:
        recorded = mesh_keys.find(conn, MASK_KEY)
    status = context.keyring.describe([MASK_KEY])[MASK_KEY]
    if not status.is_missing:
        return  # another thread or program was faster
    if recorded is not None and not (folder / LOST).exists():
        raise StorageFailed(
            status.problem
            or f"the key of masks, made at {recorded.made_at:%Y-%m-%d %H:%M} UTC, is missing from {folder}",
            hint="copy the files keys/*.key of a backup with keys there, with mode 600; if it is gone for good: "
            f"touch {folder / LOST}, and values get other hashes than before",
        )
    now = context.clock()
    context.keyring.ensure([MASK_KEY], now)
    with context.record.transaction() as tx:
        mesh_keys.add(tx, MeshKeyRow(MASK_KEY, now, context.principal.name))
