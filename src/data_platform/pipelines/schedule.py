"""The schedule of a pipeline: a cron expression, judged where it is written."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from croniter import CroniterBadDateError, CroniterError, croniter

from data_platform.errors import BadInput

LONGEST = 200
CHARACTERS = re.compile(r"[0-9A-Za-z*/,\-#? \t]*")
BY_CHANCE = re.compile(r"(?<![A-Za-z])[HhRr](?![A-Za-z])")
HINT = "write five fields: minute, hour, day of month, month, day of week; such as '*/15 * * * *' or '0 6 * * mon-fri'"
A_LEAP_CYCLE_BEGINS = datetime(2024, 1, 1, tzinfo=UTC)


def check_cron(text: str) -> None:
    """Judges a cron expression of five fields; raises BadInput saying what is wrong with it.

    Days of the month may also be `L` (the last) and `15W` (the nearest weekday), days of the week `fri#2`. What would
    never fire, such as 31 February, is refused, and so are `H` and `R`, which mean another minute each time.
    """
    if len(text) > LONGEST or not CHARACTERS.fullmatch(text):
        raise BadInput(f"{text[:LONGEST]!a} is no cron expression", hint=HINT)
    if (fields := len(text.split())) != 5:
        raise BadInput(f"the schedule {text!r} has {fields} field{'s' * (fields != 1)}, not five", hint=HINT)
    if BY_CHANCE.search(text):
        raise BadInput(f"the schedule {text!r} leaves a field to chance (H, R)", hint=HINT)
    try:
        croniter(text, A_LEAP_CYCLE_BEGINS).get_next(datetime)
    except CroniterBadDateError:
        raise BadInput(f"the schedule {text!r} never fires: no such day", hint=HINT) from None
    except (CroniterError, ValueError) as error:
        raise BadInput(f"the schedule {text!r} is no cron expression: {error}", hint=HINT) from None
