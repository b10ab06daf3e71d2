"""The field that holds what a document of a standard says beyond ours."""

from __future__ import annotations

from data_platform.spec.product.yaml.field_list import Word

_OVERLAY = {"type": "object"}


def make_overlay_word(standard: str, what: str) -> Word:
    """The field that holds what a document of the standard says beyond ours."""
    meaning = f"What {what} of the exported {standard.upper()} says beside and instead of the rest."
    example = "odps: {tenant: retail}" if standard == "odps" else "odcs: {businessName: Order}"
    return Word(standard, meaning, example, _OVERLAY)
