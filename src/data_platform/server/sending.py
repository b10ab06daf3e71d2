"""Replies as responses. Chunks are computed while the caller takes them: one at a time, in a thread."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import TYPE_CHECKING

import anyio
from starlette.responses import Response, StreamingResponse

from data_platform.server.replies import Reply

if TYPE_CHECKING:
    from data_platform.server.calling import Calling

_END = b""


def send_reply(reply: Reply, calling: Calling) -> Response:
    """The response that sends the reply."""
    headers = dict(reply.headers)
    if reply.chunks is None:
        return Response(reply.body, reply.status, headers, reply.media_type)
    return StreamingResponse(_iterate(reply.chunks, calling), reply.status, headers, reply.media_type)


async def _iterate(chunks: Iterator[bytes], calling: Calling) -> AsyncIterator[bytes]:
    try:
        while chunk := await calling.compute(partial(next, chunks, _END)):
            yield chunk
    finally:
        with anyio.CancelScope(shield=True):
            await calling.compute(chunks.close)  # type: ignore[attr-defined]  # it is a generator
