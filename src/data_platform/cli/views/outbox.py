"""What a round of sending did, in a line, and why something stayed."""

from __future__ import annotations

from data_platform.cli.console.console import Paper, Styled
from data_platform.cli.console.text import amount, second
from data_platform.verbs.results import Delivered


def draw_delivered(paper: Paper, done: Delivered) -> None:
    """What one round did."""
    told = [f"sent {amount(done.sent, 'message')}"]
    if done.failed:
        told.append(f"{done.failed:,} could not be sent and will be tried again")
    if done.refused:
        told.append(f"{done.refused:,} refused and kept")
    if done.waiting:
        due = f", next try {second(done.next_try)}" if done.next_try else ""
        told.append(f"{done.waiting:,} waiting{due}")
    paper.line("; ".join(told))
    if done.cause:
        paper.line("  ", Styled(done.cause, "red"))
