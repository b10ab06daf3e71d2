"""The severity of an incident, by the number of products and people that it affects.

Its reach is the number of products downstream, however far, plus the number of people who read the output in the last
`RECENTLY`, its owner not among them. 0 is low, from 1 on medium, from 5 on high, from 20 on critical.
"""

from __future__ import annotations

from datetime import timedelta

RECENTLY = timedelta(days=30)

_FROM = {"critical": 20, "high": 5, "medium": 1, "low": 0}


def assess_severity(products: int, readers: int) -> str:
    """The severity of an incident on an output with that many products downstream and that many recent readers."""
    return next(severity for severity, least in _FROM.items() if products + readers >= least)
