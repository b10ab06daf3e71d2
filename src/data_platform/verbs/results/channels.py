"""A channel of alerts, as verbs answer it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A channel, and the `products` that name it; `is_set_up`: settings.toml declares it.

    `tested_at` and `tested_by` are of the last test message that it took.
    """

    name: str
    is_set_up: bool
    products: tuple[str, ...]
    tested_at: datetime | None = None
    tested_by: str | None = None
