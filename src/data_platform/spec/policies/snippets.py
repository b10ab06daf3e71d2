"""Reads `cases`: products written out as far as they matter, everything else by default."""

from __future__ import annotations

from data_platform.spec.policies.cases import Case
from data_platform.spec.product_yaml.fields import Fields


def read_cases(policy: Fields, domain: str | None) -> tuple[Case, ...]:
    """The cases of one policy."""
    return ()
