"""Our custom properties for who hears of incidents and who is on call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_platform.spec.product.watching import restore_alerts, restore_oncall
from data_platform.spec.standards.custom import read_texts


def read_watching(ours: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a product that they say; of what has another form, only texts are taken."""
    alerts, oncall = ours.get("alerts", []), ours.get("oncall")
    try:
        channels, terms = restore_alerts(alerts)
        people, handover = restore_oncall(oncall)
    except (AttributeError, KeyError, TypeError, ValueError):
        return {"alerts": read_texts(alerts), "oncall": read_texts(oncall)}
    return {"alerts": channels, "alert_terms": terms, "oncall": people, "handover": handover}
