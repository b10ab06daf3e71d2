"""Masks: what a reader sees in place of the values of a column."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class MaskKind(StrEnum):
    """What a mask leaves of a value. `redact` and `null` leave nothing, so that no key is loaded for them."""

    REDACT = "redact"
    NULL = "null"
    PARTIAL = "partial"
    HASH = "hash"
    YEAR = "year"
    BUCKET = "bucket"


@dataclass(frozen=True, slots=True)
class Mask:
    """The mask of a column; `size` is the width of a bucket, in the unit of the column."""

    kind: MaskKind = MaskKind.REDACT
    size: Decimal | None = None

    def __str__(self) -> str:
        return self.kind.value if self.size is None else f"{self.kind.value} {self.size}"

    @property
    def reads_values(self) -> bool:
        """Whether the mask is computed from the value, which then has to be decrypted."""
        return self.kind not in (MaskKind.REDACT, MaskKind.NULL)

    @property
    def without_value(self) -> Mask:
        """The mask that shows what this one shows where there is no value, and reads none."""
        is_text = self.kind in (MaskKind.REDACT, MaskKind.PARTIAL)
        return REDACT if is_text else Mask(MaskKind.NULL)


REDACT = Mask()
"""The mask of personal data for which a product declares none."""
