"""What goes to a pipe as CSV cannot control the terminal behind it, and is exact where it could not anyway."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from data_platform.cli.formats.escapes import EscapedRows
from data_platform.spec.text.hidden_characters import is_hidden

CELLS = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"])))
HARMLESS = set("\t\n\r")


class Given:
    """Rows that a test made."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def to_batches(self) -> pa.RecordBatchReader:
        return self.table.to_reader()

    def to_arrow(self) -> pa.Table:
        return self.table


def turns(character: str) -> bool:
    """Whether it moves a cursor, breaks a line or turns text."""
    number = ord(character)
    turning = number in (0x61C, 0x200E, 0x200F) or 0x2028 <= number <= 0x202E or 0x2066 <= number <= 0x2069
    return character not in HARMLESS and (turning or (is_hidden(character) and number < 0xA0))


@given(st.lists(CELLS, max_size=20), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9))
def test_no_text_controls_a_terminal_and_others_are_exact(cells: list[str | None], name: str) -> None:
    rows = EscapedRows(Given(pa.table({name: pa.array(cells, pa.string()), "n": pa.array(range(len(cells)))})))
    table = rows.to_arrow()
    shown = [*table.column(0).to_pylist(), table.column_names[0]]
    changed = 0
    for before, after in zip([*cells, name], shown, strict=True):
        assert not any(map(turns, after or ""))
        if not any(map(turns, before or "")):
            assert after == before
        changed += after != before
    assert rows.escaped == changed
