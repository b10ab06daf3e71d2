"""Send again what waits in the outbox."""

from __future__ import annotations

from data_platform.server.portal.visit import SeeOther, Visit
from data_platform.verbs.events.outbox import TryAgain


def retry_outbox(visit: Visit) -> SeeOther:
    """Makes every message due now, also those that were refused."""
    visit.ask(TryAgain())
    return SeeOther("/runs?view=outbox", "outbox_retried")
