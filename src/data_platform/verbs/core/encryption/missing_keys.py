"""Why an encrypted column cannot be read: it was erased, or its key is missing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from data_platform.keys.ring import LOST, NOT_IN_BACKUP
from data_platform.keys.states import Erasure, KeyState, KeyStatus, MissingKeys
from data_platform.verbs.core.context import Context


def explain_missing_key(
    context: Context, footer_key: str, key_id: str, erasure: Erasure | None = None
) -> MissingKeys | None:
    """Why a column of a version cannot be read; None where its key is present.

    `erasure` is the recorded one that covers the version. Without a remedy, the column is erased.
    """
    if erasure is not None:
        return MissingKeys(str(erasure))
    keys = context.keyring.describe([footer_key, key_id])
    folder = context.home.path / "keys"
    if keys[key_id].state is KeyState.ERASED:  # just now, or according to a record that was lost
        return MissingKeys(str(keys[key_id].erasures[-1]))
    if keys[key_id].is_missing or keys[footer_key].is_missing:
        return _explain_loss(folder, keys, footer_key, key_id)
    return None


def explain_replaced_key(context: Context, key_id: str) -> MissingKeys:
    """Why the present key does not open a version without a recorded erasure: it replaced the one that would."""
    erasures = context.keyring.describe([key_id])[key_id].erasures
    if erasures:
        return MissingKeys(str(erasures[-1]))
    folder = context.home.path / "keys"
    return MissingKeys(
        "the key that encrypted it was lost or removed, and a newer one took its place", _restore(folder)
    )


def _explain_loss(folder: Path, keys: Mapping[str, KeyStatus], footer_key: str, key_id: str) -> MissingKeys:
    problem = keys[key_id].problem or keys[footer_key].problem
    if (folder / LOST).exists():
        return MissingKeys(f"the keys are lost, as {folder / LOST} records", _restore(folder))
    if (folder / NOT_IN_BACKUP).exists():
        reason = "the keys were not in the backup that this home was made from"
        return MissingKeys(
            reason, f"copy the files keys/*.key of the home that was backed up to {folder}, with mode 600"
        )
    reason = problem or f"the keys are missing from {folder}"
    if problem is None and keys[footer_key].state is KeyState.PRESENT:
        reason = f"its key is missing from {folder}, and no erasure of it is recorded"
    return MissingKeys(reason, _restore(folder))


def _restore(folder: Path) -> str:
    return f"copy the files keys/*.key of a backup with keys to {folder}, with mode 600"
