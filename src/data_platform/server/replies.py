"""What a call is answered with, before it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from data_platform.engine.interruption import Interruption
from data_platform.server.bodies.documents import JSON


@dataclass(slots=True)
class Reply:
    """A status, headers, and either a whole body or a stream of chunks, each computed when it is asked for.

    `chunks` has a `close`, which is called in any case. `interruption` ends what computes them.
    """

    body: bytes = b""
    status: int = 200
    media_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    chunks: Iterator[bytes] | None = None
    interruption: Interruption = field(default_factory=Interruption, repr=False)
