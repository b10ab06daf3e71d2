"""A limit or an offset that DuckDB cannot count to is refused in our words, before anything runs."""

from __future__ import annotations

import pyarrow as pa
import pytest

from data_platform.engine.frame import from_table
from data_platform.errors import BadInput

LARGEST = 2**63 - 1


@pytest.mark.parametrize("count", [LARGEST + 1, 10**20, 10**400])
def test_what_is_too_large_is_bad_input(count: int) -> None:
    frame = from_table(pa.table({"id": [1, 2]}))
    with pytest.raises(BadInput, match="limit is too large"):
        frame.limit(count)
    with pytest.raises(BadInput, match="offset is too large"):
        frame.offset(count)


def test_the_largest_is_no_limit() -> None:
    frame = from_table(pa.table({"id": [1, 2]}))
    assert frame.limit(LARGEST).count() == 2
    assert frame.offset(LARGEST).count() == 0
