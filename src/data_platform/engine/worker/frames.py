"""Frames on a pipe: four bytes of length, then JSON or plain bytes, with a deadline, so that no peer can block."""

from __future__ import annotations

import json
import os
import select
import time
from typing import Any

MAX_FRAME = 64 * 1024 * 1024
_HEADER = 4
_SLICE = 0.5
"""Seconds."""
_CHUNK = 1 << 16


class BrokenFrame(ValueError):
    """The peer closed the pipe, or sent an invalid frame."""


class DeadlinePassed(ValueError):
    """The peer did not answer in time."""


def write_frame(descriptor: int, message: object, deadline: float | None = None) -> None:
    """Send the message; `deadline` is a time.monotonic()."""
    write_bytes(descriptor, json.dumps(message, allow_nan=False, separators=(",", ":")).encode(), deadline)


def write_bytes(descriptor: int, body: bytes | memoryview, deadline: float | None = None) -> None:
    """Send the bytes."""
    if len(body) > MAX_FRAME:
        raise BrokenFrame(f"a message of {len(body)} bytes is too long")
    _write(descriptor, memoryview(len(body).to_bytes(_HEADER, "big")), deadline)
    _write(descriptor, memoryview(body), deadline)


def read_frame(descriptor: int, deadline: float | None = None) -> Any:
    """The next message; the caller checks its shape."""
    body = read_bytes(descriptor, deadline)
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BrokenFrame("a message is not JSON") from None


def read_bytes(descriptor: int, deadline: float | None = None) -> bytes:
    """The next frame as it is."""
    length = int.from_bytes(_read(descriptor, _HEADER, deadline), "big")
    if length > MAX_FRAME:
        raise BrokenFrame(f"a message of {length} bytes is too long")
    return _read(descriptor, length, deadline)


def _write(descriptor: int, rest: memoryview, deadline: float | None) -> None:
    while rest:
        _wait(descriptor, select.POLLOUT, deadline)
        try:
            rest = rest[os.write(descriptor, rest[:_CHUNK]) :]
        except BlockingIOError:
            continue
        except BrokenPipeError:
            raise BrokenFrame("the pipe is closed") from None


def _read(descriptor: int, length: int, deadline: float | None) -> bytes:
    data = bytearray()
    while len(data) < length:
        _wait(descriptor, select.POLLIN, deadline)
        try:
            chunk = os.read(descriptor, min(_CHUNK, length - len(data)))
        except BlockingIOError:
            continue
        if not chunk:
            raise BrokenFrame("the pipe is closed")
        data += chunk
    return bytes(data)


def _wait(descriptor: int, event: int, deadline: float | None) -> None:
    """Waits in slices: a signal that another thread took is handled by the main thread only when its wait ends."""
    poll = select.poll()
    poll.register(descriptor, event)
    while True:
        left = _SLICE if deadline is None else min(_SLICE, max(0.0, deadline - time.monotonic()))
        if poll.poll(left * 1000):
            return
        if deadline is not None and time.monotonic() >= deadline:
            raise DeadlinePassed("no answer in time")
