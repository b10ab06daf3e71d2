"""What the verbs about keys answer; none of it holds key material."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data_platform.keys.states import KeyState


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key: of an encrypted column, or of the footers of an output's files, which has no `column`.

    The key of the masks that hash values has no product and no output: it belongs to the mesh.

    `master` is the version of the master key of `manager` that wraps it, None for one that no master key wraps.
    `versions` with `rows` in all are encrypted with it and would become unreadable with it; of them, those of before a
    rotation of the column with one of `earlier` keys. The last erasure of a key of this column was at `erased_at`.
    `problem` says why the key is missing, if that is known.
    """

    product: str | None
    output: str | None
    column: str | None
    state: KeyState
    made_at: datetime | None = None
    master: int | None = None
    versions: int = 0
    rows: int = 0
    erased_at: datetime | None = None
    erased_by: str | None = None
    problem: str | None = None
    manager: str | None = None
    earlier: int = 0

    @property
    def name(self) -> str:
        """The column, or the output of the footers, as commands take it; `mask` for the key of masks."""
        return ".".join(part for part in (self.product, self.output, self.column) if part is not None) or "mask"


@dataclass(frozen=True, slots=True)
class ErasedColumn:
    """An erased column: it cannot be read in the versions of its output up to `version`."""

    output: str
    column: str
    version: int
    erased_at: datetime
    erased_by: str


@dataclass(frozen=True, slots=True)
class ErasedKeys:
    """The columns below `name` that are erased now, also those of earlier erasures.

    This erasure made `versions` with `rows` in all unreadable in one column or more. `copies` are other outputs, with
    columns that were made from the erased ones: they have keys of their own and stay readable.
    """

    name: str
    columns: tuple[ErasedColumn, ...]
    versions: int
    rows: int
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RotatedKeys:
    """The new version of the master key, and how many keys it wraps; `unidentified` ones stay as they are."""

    version: int
    keys: int
    unidentified: int = 0


@dataclass(frozen=True, slots=True)
class RotatedColumn:
    """The column that has a new key, and the version of `rows` that is encrypted with it; None without a version."""

    product: str
    output: str
    column: str
    version: int | None = None
    rows: int = 0
