"""Hands the bytes of a body from the event loop to the thread that reads them, a few megabytes at a time."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterator

_MOST_BYTES = 4 * 1024 * 1024


class BodyFailed(Exception):
    """The body has no end: the caller is gone, or too slow. `reason` is what the event loop saw."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Handover:
    """A bounded queue of chunks, written by a coroutine and read by a thread.

    The writer waits while 4 MiB are unread, so that a caller who sends fast waits too.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._has_ended = self._is_abandoned = False
        self._failure: Exception | None = None
        self._changed = threading.Condition()
        self._room: asyncio.Event | None = None

    async def write(self, chunk: bytes) -> bool:
        """Adds a chunk when there is room; false if it will not be read."""
        while True:
            with self._changed:
                if self._is_abandoned:
                    return False
                if self._size < _MOST_BYTES:
                    self._chunks.append(chunk)
                    self._size += len(chunk)
                    self._changed.notify()
                    return True
                self._room = room = asyncio.Event()
            await room.wait()

    def end(self, failure: Exception | None = None) -> None:
        """Nothing more comes; with `failure` the reader raises BodyFailed."""
        with self._changed:
            self._has_ended, self._failure = True, failure
            self._changed.notify()

    def abandon(self) -> None:
        """Nothing more is read; called in the event loop."""
        with self._changed:
            self._is_abandoned = True
            self._chunks.clear()
            room, self._room = self._room, None
        if room is not None:
            room.set()

    def __iter__(self) -> Iterator[bytes]:
        """The chunks, in the thread that reads; raises BodyFailed."""
        while (chunk := self._take()) is not None:
            yield chunk

    def _take(self) -> bytes | None:
        with self._changed:
            self._changed.wait_for(lambda: self._chunks or self._has_ended)
            if self._failure is not None:
                raise BodyFailed(self._failure)
            if not self._chunks:
                return None
            chunk = self._chunks.popleft()
            self._size -= len(chunk)
            if self._room is not None and self._size <= _MOST_BYTES // 2:
                room, self._room = self._room, None
                self._loop.call_soon_threadsafe(room.set)
            return chunk


class ByteReader:
    """Chunks as a file that is read once. `read` returns fewer bytes than asked for only at the end."""

    closed = False

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """True: libraries ask."""
        return True

    def read(self, size: int) -> bytes:
        """The next `size` bytes."""
        parts: list[memoryview] = []
        missing = size
        while missing:
            if not self._rest:
                self._rest = memoryview(next(self._chunks, b""))
                if not self._rest:
                    break
            part = self._rest[:missing]
            self._rest = self._rest[len(part) :]
            missing -= len(part)
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        """Nothing is open: libraries ask."""
