"""Lists of texts that callers hand in."""

from __future__ import annotations

from collections.abc import Sequence

from data_platform.errors import BadInput
from data_platform.spec.text.names import quote_value


def check_texts(name: str, values: Sequence[str] | None) -> tuple[str, ...] | None:
    """The texts, if there are any; raises BadInput for what is no list."""
    if values is None:
        return None
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise BadInput(f"{name} must be a list of texts, and not {quote_value(values)}")
    return tuple(values)
