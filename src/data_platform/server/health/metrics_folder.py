"""Where the processes of one server keep their figures. Nothing of Prometheus is loaded here."""

from __future__ import annotations

from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client reads it when it is imported."""


def forget_process(folder: Path, pid: int) -> None:
    """Takes a process that has ended out of the figures of running requests."""
    for file in folder.glob(f"gauge_live*_{pid}.db"):
        file.unlink(missing_ok=True)
