"""What is nearly JSON is refused with what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.errors import UnreadableData
from data_platform.tables.intake import open_data
from tests.casting import LONG
from tests.tables.intake.reading import contract

ID = contract(id=LONG)


@pytest.mark.parametrize(
    ("content", "said", "hint"),
    [
        ('[{"id": 1,}]', "is not JSON: this bracket follows a comma", "remove the comma"),
        ('[{"id": 1},]', "is missing: a comma comes before the end of the array", "remove the comma"),
        ("[{'id': 1}]", "is not JSON: texts are written in double quotes", "write \" instead of '"),
        ('[{"id": None}]', "is not JSON: this is a word of Python", "write true, false or null"),
        ('[{"id": True}]', "is not JSON: this is a word of Python", "write true, false or null"),
        ('[{"id": undefined}]', "is not JSON: this is no value", "write null, or leave the key out"),
        ('[{"id": NaN}]', "holds NaN, which is no JSON", "write null, or leave the key out"),
        ('[{"id": 1 /* one */}]', "is not JSON: it has no comments", "remove the comment"),
        ('[{"id": 1} // one\n]', "has no comma after row 1", "remove the comment: JSON has none"),
        ('// one\n{"id": 1}', "is not an object", "remove the comment: JSON has none"),
        ("[{id: 1}]", "is not JSON: a key in double quotes is missing", 'write "KEY": VALUE'),
        ('[{"id": .5}]', "is not JSON: a number begins with a digit or a minus", "write 0.5, not .5 or +0.5"),
        ('[{"id": \u201c1\u201d}]', "is not JSON: these are typographic quotes", 'write " instead'),
    ],
)
def test_what_is_nearly_json_is_answered_with_what_to_write(tmp_path: Path, content: str, said: str, hint: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content + "\n" * 100)
    with pytest.raises(UnreadableData) as caught:
        list(open_data(path, ID).batches)
    assert said in caught.value.message
    assert (caught.value.hint or "").startswith(hint)
