"""A file that is not what its name says is reported by what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.errors import UnreadableData
from data_platform.tables.intake import open_data
from data_platform.tables.intake.format_detection import judge_start


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PAR1\x15\x04", "is a parquet file"),
        (b"\x1f\x8b\x08", "is packed with gzip"),
        (b"PK\x03\x04", "an Excel workbook"),
        ("a,b\n1,2\n".encode("utf-16"), "is text in UTF-16"),
        (b"a,\x00b\n1,2\n", "is no text: it holds NUL bytes"),
        (b"a,b\n1,2\n3,J\xfcrg\n", "is not text in UTF-8: see line 3"),
        (b" \n", "is empty"),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_what_is_no_text_is_named(tmp_path: Path, content: bytes, kind: str, suffix: str) -> None:
    path = tmp_path / f"data.{suffix}"
    path.write_bytes(content)
    with pytest.raises(UnreadableData) as caught:
        open_data(path, None)
    assert kind in caught.value.message
    assert caught.value.hint


def test_a_letter_that_the_first_look_cuts_in_two_is_text(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    for shift in range(3):
        path.write_text("x" * shift + "日" * 2000, "utf-8")
        judge_start(path.read_bytes(), "data.csv", utf_8=True)
