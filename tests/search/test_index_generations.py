"""The index on disk: killed writers, damage, several processes, folders that cannot be written."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from data_platform.search import schema
from data_platform.search.corruption import Damaged
from data_platform.search.index import SearchIndex
from data_platform.search.index_generations import Shelf
from data_platform.search.question import Question
from tests.search.given import document, filled, names
from tests.search.writer import size

ROOT = Path(__file__).parents[2]


def generations(folder: Path) -> list[Path]:
    return sorted(folder.glob("v*-*"))


@pytest.mark.long
def test_a_writer_killed_at_any_moment_leaves_a_whole_index(tmp_path: Path) -> None:
    dice, reader, states = random.Random(11), SearchIndex(tmp_path), set()
    for _ in range(8):
        command = [sys.executable, "-m", "tests.search.writer", str(tmp_path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            written = int(writer.stdout.readline())
            time.sleep(dice.uniform(0, 0.08))
            writer.kill()
        mark = reader.look()
        assert mark is not None
        assert int(mark) >= written
        states.add(mark)
        hits = reader.search(Question(limit=None)).hits
        assert {hit.document.description for hit in hits} == {f"state{mark}"}
        assert len(hits) == size(int(mark))
    assert len(states) == 8
    with reader.lock_for_writing(1) as writing:
        assert writing is not None
        writing.rebuild([], "end")
    assert len(generations(tmp_path)) == 1


@pytest.mark.long
def test_readers_never_see_half_of_what_is_written_meanwhile(tmp_path: Path) -> None:
    reader, seen, end = SearchIndex(tmp_path), set(), time.monotonic() + 1.5
    command = [sys.executable, "-m", "tests.search.writer", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        while time.monotonic() < end:
            mark = reader.look()
            assert mark is not None
            hits = reader.search(Question(limit=None)).hits
            assert {hit.document.description for hit in hits} == {f"state{mark}"}
            assert len(hits) == size(int(mark))
            seen.add(mark)
        writer.kill()
    assert len(seen) > 3


def test_one_writes_at_a_time_and_who_does_not_may_go_on_searching(tmp_path: Path) -> None:
    one, other = filled(tmp_path, [document("a")]), SearchIndex(tmp_path)
    with one.lock_for_writing(1) as mine:
        assert mine is not None
        with other.lock_for_writing(0.05) as theirs:
            assert theirs is None
        assert (other.look(), names(other)) == ("1", ["a"])
        mine.update(["a"], [document("b")], "2")
    assert (other.mark, names(other)) == ("1", ["a"])
    assert (other.look(), names(other)) == ("2", ["b"])


def test_an_exception_while_documents_come_in_changes_nothing(tmp_path: Path) -> None:
    def broken() -> list[object]:
        raise KeyError("the record")

    index = filled(tmp_path, [document("a")])
    for change in ("update", "rebuild"):
        with pytest.raises(KeyError), index.lock_for_writing(1) as writing:
            assert writing is not None
            documents = (broken() if number else document("b") for number in range(2))
            if change == "update":
                writing.update(["a"], documents, "2")  # type: ignore[arg-type]
            else:
                writing.rebuild(documents, "2")  # type: ignore[arg-type]
        assert (index.look(), names(index)) == ("1", ["a"])
    with index.lock_for_writing(1) as writing:
        assert writing is not None
        writing.update(["a"], [document("b")], "2")
    assert names(index) == ["b"]


@pytest.mark.parametrize("how", ["cut", "noise", "gone"])
def test_a_damaged_file_is_no_error_but_a_reason_to_build_anew(tmp_path: Path, how: str) -> None:
    documents = [document(f"p{number}", "orders and ลูกค้า") for number in range(50)]
    filled(tmp_path, documents)
    (generation,) = generations(tmp_path)
    for name in sorted(path.name for path in generation.iterdir() if not path.name.endswith(".lock")):
        index = filled(tmp_path, documents)
        (generation,) = generations(tmp_path)
        file = next((path for path in generation.iterdir() if path.suffix == Path(name).suffix), generation / name)
        damage(file, how)
        searched(SearchIndex(tmp_path), documents)
        assert len(names(index)) in (0, 50)  # what is open already does not mind


def damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    path.unlink()  # others may have it open: they keep what they have
    if how != "gone":
        path.write_bytes(content[: len(content) // 2] if how == "cut" else os.urandom(len(content)))


def searched(index: SearchIndex, documents: list[object]) -> None:
    """What a caller does: looks, searches, and builds anew where that is of no use."""
    try:
        index.look()
        index.search(Question("orders", limit=None, facets=True))
        index.search(Question("ลูกค้า"))
    except Damaged:
        index.mark_damaged()
        with index.lock_for_writing(1) as writing:
            assert writing is not None
            assert writing.mark is None
            writing.rebuild(documents, "2")  # type: ignore[arg-type]
    assert len(names(index, "orders")) == 50


def test_an_index_of_another_schema_is_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path, [document("a")])
    monkeypatch.setattr("data_platform.search.index.VERSION", schema.VERSION + 1)
    index = SearchIndex(tmp_path)
    assert index.look() is None
    with index.lock_for_writing(1) as writing:
        assert writing is not None
        writing.rebuild([document("b")], "2")
    assert names(index) == ["b"]
    assert [path.name.partition("-")[0] for path in generations(tmp_path)] == [f"v{schema.VERSION + 1}"]


@pytest.mark.parametrize("content", ["", "../../etc", "v1-gone", "\x00", "v1-\n"])
def test_a_pointer_to_nowhere_is_no_index(tmp_path: Path, content: str) -> None:
    (tmp_path / "current").write_text(content)
    assert SearchIndex(tmp_path).look() is None


def test_a_folder_deleted_at_any_time_is_made_again(tmp_path: Path) -> None:
    index = filled(tmp_path / "search", [document("a")])
    for path in generations(tmp_path / "search"):
        for file in path.iterdir():
            file.unlink()
        path.rmdir()
    assert names(index) == ["a"]
    assert index.look() is None
    with index.lock_for_writing(1) as writing:
        assert writing is not None
        writing.rebuild([document("b")], "2")
    assert names(index) == ["b"]


def test_where_nothing_can_be_written_the_index_is_kept_in_memory(tmp_path: Path) -> None:
    (tmp_path / "search").write_text("a file stands in the way")
    index = SearchIndex(tmp_path / "search")
    with pytest.raises(Damaged), index.lock_for_writing(1):
        pass
    index.move_to_memory()
    with index.lock_for_writing(1) as writing:
        assert writing is not None
        assert writing.mark == ""
        writing.rebuild([document("a"), document("b")], "1")
    with index.lock_for_writing(1) as writing:
        assert writing is not None
        writing.update(["a"], [], "2")
    assert (index.look(), index.is_at("2"), names(index)) == ("2", True, ["b"])


def test_the_lock_is_gone_with_whoever_held_it(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "search", 1)
    with shelf.lock_for_writing(0) as locked, Shelf(tmp_path / "search", 1).lock_for_writing(0) as other:
        assert (locked, other) == (True, False)
    with shelf.lock_for_writing(0) as locked:
        assert locked
