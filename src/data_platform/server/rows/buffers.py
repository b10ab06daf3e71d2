"""Chunks of what libraries write to a file."""

from __future__ import annotations

import io


def take(out: io.BytesIO) -> bytes:
    """What was written since the last call."""
    chunk = out.getvalue()
    out.seek(0)
    out.truncate()
    return chunk
