"""Files are written whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from data_platform.cli.formats import files
from data_platform.cli.formats.files import write_atomically, write_new, write_text
from data_platform.errors import BadInput, StorageFailed


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    write_text(path, "old")
    with pytest.raises(ZeroDivisionError), write_atomically(path) as beside:
        beside.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_new_file_takes_the_old_ones_place(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    write_text(path, "old")
    write_text(path, "new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").mkdir()
    with pytest.raises(StorageFailed, match=r"rows\.csv cannot be written: Is a directory"):
        write_text(tmp_path / "rows.csv", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_new_files_overwrite_none_and_write_none_when_one_is_there(tmp_path: Path) -> None:
    (tmp_path / "b").symlink_to(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="b exists already"):
        write_new(tmp_path, {"a": "1", "b": "2"})
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="cannot be written: Not a directory"):
        write_new(tmp_path / "file", {"deep/a": "1"})


_KILLED = """
import sys, time
from pathlib import Path
from data_platform.cli.formats import files
files._WITHOUT_NAME = files._WITHOUT_NAME if sys.argv[2] == "without" else 0
with files.write_atomically(Path(sys.argv[1])) as partial, partial.open("w") as file:
    file.write("CANARY" * 10_000)
    file.flush()
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(not files._WITHOUT_NAME, reason="the system has no files without a name")
def test_a_killed_process_leaves_nothing_of_what_it_wrote(tmp_path: Path) -> None:
    assert _killed(tmp_path / "rows.csv", "without") == []
    assert list(tmp_path.iterdir()) == []


def test_a_hidden_file_is_private_and_removed_by_the_next_call(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    (left,) = _killed(path, "with")
    assert left.stat().st_mode & 0o777 == 0o600
    write_text(path, "new")
    assert [file.name for file in tmp_path.iterdir()] == ["rows.csv"]


def test_a_hidden_file_of_a_live_process_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_WITHOUT_NAME", 0)
    path = tmp_path / "rows.csv"
    with write_atomically(path) as first:
        first.write_text("first")
        write_text(path, "second")
        assert first.exists()
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_written_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    write_text(tmp_path / "rows.csv", "new")
    (tmp_path / "other").touch()
    assert (tmp_path / "rows.csv").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_pipe_or_device_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(StorageFailed, match="it is not a regular file"):
        write_text(pipe, "new")
    assert pipe.is_fifo()


def _killed(path: Path, form: str) -> list[Path]:
    """What a process that is killed while it writes leaves beside the path."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", _KILLED, str(path), form]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.send_signal(signal.SIGKILL)
    return list(path.parent.iterdir())
