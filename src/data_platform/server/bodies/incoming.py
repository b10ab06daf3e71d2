"""The bytes of a body as they arrive, with a limit on how long a caller may take to send them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.datastructures import Headers
from starlette.types import Receive

from data_platform.errors import TooLarge
from data_platform.server.problem_replies import HttpProblem

PATIENCE_SECONDS = 30.0
SLOWEST_BYTES_A_SECOND = 1024


class CallerGone(Exception):
    """The connection was closed before the body ended."""


class IncomingBody:
    """One body, read once. `size` counts its bytes so far.

    Only waiting for the caller counts: time that the server takes to use what it has is not the caller's.
    """

    def __init__(self, receive: Receive, patience: float = PATIENCE_SECONDS) -> None:
        self._receive = receive
        self._patience = patience
        self.size = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        waited = 0.0
        while more:
            left = self._patience + self.size / SLOWEST_BYTES_A_SECOND - waited
            start = time.monotonic()
            try:
                async with asyncio.timeout(min(max(left, 0), self._patience)):
                    message = await self._receive()
            except TimeoutError:
                raise HttpProblem(408, "the body came too slowly", Connection="close") from None
            waited += time.monotonic() - start
            if message["type"] == "http.disconnect":
                raise CallerGone
            chunk = message.get("body", b"")
            more = message.get("more_body", False)
            self.size += len(chunk)
            if chunk:
                yield chunk

    async def read(self, largest: int) -> bytes:
        """All of it; raises TooLarge beyond `largest` bytes."""
        chunks = []
        async for chunk in self:
            chunks.append(chunk)
            if self.size > largest:
                raise too_large(largest)
        return b"".join(chunks)


def too_large(largest: int) -> TooLarge:
    """The error for a body with more bytes than that."""
    return TooLarge(f"the body has more than {largest:,} bytes")


def check_length(headers: Headers, largest: int) -> None:
    """Raises TooLarge for a body that is announced with more bytes, before any of them is read."""
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > largest:
        raise too_large(largest)
