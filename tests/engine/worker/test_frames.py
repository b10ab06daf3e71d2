"""The protocol with an untrusted process: what it sends is checked, and every wait has a deadline."""

from __future__ import annotations

import json
import math
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.engine.worker.frames import MAX_FRAME, BrokenFrame, DeadlinePassed, read_frame, write_frame
from data_platform.engine.worker.messages import Answer, read_answer, read_values

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
Pipe = tuple[int, int]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    out_of, into = os.pipe()
    yield out_of, into
    for descriptor in (out_of, into):
        with suppress(OSError):  # the test closed it
            os.close(descriptor)


@given(json_values)
def test_a_message_arrives_as_it_was_sent(message: object) -> None:
    out_of, into = os.pipe()
    try:
        write_frame(into, message)
        assert read_frame(out_of) == message
    finally:
        os.close(out_of)
        os.close(into)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\x00\x00",
        b"\x00\x00\x00\x09{}",
        (MAX_FRAME + 1).to_bytes(4, "big"),
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x03\xff\xfe\xfd",
        b"\x00\x00\x00\x02{]",
        (20_000).to_bytes(4, "big") + b"[" * 20_000,
        (5_000).to_bytes(4, "big") + b"9" * 5_000,
    ],
)
def test_what_is_no_frame_is_refused(pipe: Pipe, sent: bytes) -> None:
    out_of, into = pipe
    os.write(into, sent)
    os.close(into)
    with pytest.raises(BrokenFrame):
        read_frame(out_of)


def test_silence_ends_at_the_deadline(pipe: Pipe) -> None:
    start = time.monotonic()
    with pytest.raises(DeadlinePassed):
        read_frame(pipe[0], start + 0.05)
    assert time.monotonic() - start < 10


def test_a_peer_that_does_not_read_ends_at_the_deadline(pipe: Pipe) -> None:
    os.set_blocking(pipe[1], False)
    with pytest.raises(DeadlinePassed):
        write_frame(pipe[1], "x" * 1_000_000, time.monotonic() + 0.05)


def test_a_peer_that_is_gone_is_noticed(pipe: Pipe) -> None:
    os.close(pipe[0])
    with pytest.raises(BrokenFrame):
        write_frame(pipe[1], "hello")


@given(json_values, st.sampled_from(["scalar", "rows"]))
def test_no_answer_of_a_hostile_child_is_believed_beyond_its_shape(reply: object, kind: str) -> None:
    answer = read_answer(reply, "scalar" if kind == "scalar" else "rows")
    if answer.error is None:
        assert (answer.rows is None) is (kind == "scalar")
        assert answer.value is None or math.isfinite(answer.value)


@given(json_values, st.integers(0, 5))
def test_fused_values_are_as_many_as_asked_for_and_numbers(reply: object, count: int) -> None:
    for candidate in (reply, {"values": reply}):
        values = read_values(candidate, count)
        assert len(values) == count
        assert not any(isinstance(value, bool) for value in values)


def test_true_and_nan_are_no_numbers() -> None:
    for value in ("true", "NaN", "Infinity", '"7"', "[7]", "null"):
        reply = json.loads(f'{{"value": {value}}}')
        assert read_answer(reply, "scalar") == Answer(error="the worker sent an invalid answer")
        assert read_values({"values": [reply["value"]]}, 1) == [None]


def test_rows_must_fit_their_columns() -> None:
    assert read_answer({"columns": ["a"], "rows": [[1, 2]]}, "rows").error
    assert read_answer({"columns": [1], "rows": [[1]]}, "rows").error
    assert read_answer({"columns": ["a"], "rows": [[1]]}, "rows") == Answer(columns=("a",), rows=({"a": 1},))


def test_a_signal_that_another_thread_took_ends_the_wait(pipe: Pipe) -> None:
    class Ended(Exception):
        pass

    def end(number: int, frame: object) -> None:
        raise Ended

    def take() -> None:
        time.sleep(0.1)
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, end)
    taker, deadline = threading.Thread(target=take), time.monotonic() + 20
    try:
        taker.start()
        with pytest.raises(Ended):
            read_frame(pipe[0], deadline)
        assert time.monotonic() < deadline
    finally:
        taker.join()
        signal.signal(signal.SIGUSR1, before)
