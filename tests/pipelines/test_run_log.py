"""What a pipeline prints and logs appears as before, and is kept."""

from __future__ import annotations

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.pipelines.run_log import LONGEST_SECRET, LogTail, record_log
from data_platform.verbs.results.runs import LONGEST_LOG
from tests.strategies import texts


def test_what_is_printed_is_kept_and_still_appears(capsys: pytest.CaptureFixture[str]) -> None:
    with record_log() as log:
        print("one")
        print("two", file=sys.stderr)
        sys.stdout.writelines(["three\n"])
        assert sys.stdout.encoding
    print("after")
    assert log.read() == "one\ntwo\nthree\n"
    assert capsys.readouterr() == ("one\nthree\nafter\n", "two\n")


def test_what_is_logged_is_kept_with_its_level() -> None:
    with record_log() as log:
        logging.getLogger("shop").warning("late by %d minutes", 5)
    logging.getLogger("shop").warning("after")
    assert log.read().endswith("WARNING shop: late by 5 minutes\n")


def test_each_thread_keeps_its_own_log(capsys: pytest.CaptureFixture[str]) -> None:
    together = Barrier(2)

    def run(name: str) -> str:
        with record_log() as log:
            together.wait(10)
            print(name)
            together.wait(10)
        return log.read()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, ["a", "b"])) == ["a\n", "b\n"]
    assert sorted(capsys.readouterr().out.split()) == ["a", "b"]


def test_the_streams_are_restored_after_an_error() -> None:
    before = sys.stdout, sys.stderr, list(logging.root.handlers)
    with pytest.raises(ValueError, match="boom"), record_log():
        raise ValueError("boom")
    assert (sys.stdout, sys.stderr, list(logging.root.handlers)) == before


@given(st.lists(texts), st.integers(0, 3))
def test_the_end_of_the_log_is_kept(pieces: list[str], long: int) -> None:
    log, whole = LogTail(), "x" * LONGEST_LOG * long + "".join(pieces)
    for text in ("x" * LONGEST_LOG * long, *pieces):
        log.write(text)
    assert log.read() == whole[-LONGEST_LOG:]


def test_what_a_stream_refuses_is_not_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    with record_log() as log:
        with pytest.raises(TypeError):
            sys.stdout.write(b"bytes")  # type: ignore[arg-type]
        print("text")
    assert log.read() == capsys.readouterr().out == "text\n"


def test_a_wrong_logging_call_is_reported_and_raises_nothing(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import logging\n"
        "from data_platform.pipelines.run_log import record_log\n"
        "logging.basicConfig()\n"
        "with record_log() as log:\n"
        "    logging.warning('%d', 'x')\n"
        "    print('after')\n"
        "print('Logging error' in log.read() and 'after' in log.read())\n"
    )
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "after\nTrue\n")


def test_a_secret_in_which_the_kept_log_begins_is_redacted_as_a_whole() -> None:
    log, secret = LogTail(), "correct horse battery staple"
    log.write(secret + "x" * (LONGEST_LOG - 10))
    assert log.read(lambda text: text.replace(secret, "")) == "x" * (LONGEST_LOG - 10)
    log.write("x" * LONGEST_SECRET)
    assert log.read(lambda text: text.replace(secret, "")).strip("x") == ""


def test_empty_writes_are_not_kept() -> None:
    log = LogTail()
    for _ in range(10_000):
        log.write("")
    assert not log._pieces


def test_many_threads_may_write_to_one_log() -> None:
    log = LogTail()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(log.write, ["x" * 1_000] * 5_000))
    assert log.read() == "x" * LONGEST_LOG


def test_a_pipeline_cannot_take_the_streams_of_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    with record_log():
        sys.stdout.close()
        print("still open")
        sys.stdout = None  # type: ignore[assignment]
    print("after")
    assert capsys.readouterr().out == "still open\nafter\n"
