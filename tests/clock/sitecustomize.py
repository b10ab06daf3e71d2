"""Moves the clock of every Python process that has this folder on its PYTHONPATH by TEST_CLOCK_DAYS days.

`make test-clock` runs the fast lane a year ahead and a year behind: no test may depend on today's date. Files keep the
real time of their changes, as they do on a disk that another host writes.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

try:
    import time_machine
except ImportError as error:
    raise SystemExit("time-machine is not installed, so the clock would not move: make install") from error

time_machine.travel(datetime.now(UTC) + timedelta(days=int(os.environ["TEST_CLOCK_DAYS"])), tick=True).start()
