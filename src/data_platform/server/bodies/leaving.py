"""Callers who close their connection before they have an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.types import Receive

from data_platform.engine.interruption import Interruption


@asynccontextmanager
async def interrupt_when_gone(receive: Receive, interruption: Interruption) -> AsyncIterator[None]:
    """Sets `interruption` if the connection is closed meanwhile; the body of the request was read."""
    watching = asyncio.create_task(_watch(receive, interruption))
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _watch(receive: Receive, interruption: Interruption) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    interruption.set()
