"""Shows the result of a delivery in one line, and why messages remain."""

from __future__ import annotations

from data_platform.cli.console.console import Console, Styled
from data_platform.cli.console.text import format_count, format_second
from data_platform.verbs.results import Delivered


def draw_delivered(console: Console, done: Delivered) -> None:
    """Writes the result of a delivery."""
    parts = [f"sent {format_count(done.sent, 'message')}"]
    if done.failed:
        parts.append(f"{done.failed:,} could not be sent and will be retried")
    if done.refused:
        parts.append(f"{done.refused:,} refused and kept")
    if done.waiting:
        due = f", next try {format_second(done.next_try)}" if done.next_try else ""
        parts.append(f"{done.waiting:,} waiting{due}")
    console.write_line("; ".join(parts))
    if done.cause:
        console.write_line("  ", Styled(done.cause, "red"))
