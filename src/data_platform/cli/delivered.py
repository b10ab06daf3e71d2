"""What a round of sending did, in a line."""

from __future__ import annotations

from data_platform.cli.paper import Paper
from data_platform.cli.text import amount
from data_platform.verbs.results import Delivered


def draw_delivered(paper: Paper, done: Delivered) -> None:
    """What one round did."""
    told = [f"sent {amount(done.sent, 'message')}"]
    if done.failed:
        told.append(f"{done.failed:,} could not be sent and will be tried again")
    if done.refused:
        told.append(f"{done.refused:,} refused and kept: data-platform outbox says why")
    if done.waiting:
        told.append(f"{done.waiting:,} waiting")
    paper.line("; ".join(told))
