"""Cases beside a policy: products that must pass it, and products that must not."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from data_platform.spec.product.contract import Contract
from data_platform.spec.text.report import WHOLE_FILE, Place


class Expectation(StrEnum):
    """The result that the policy must give for the product."""

    PASS = "pass"  # noqa: S105
    VIOLATION = "violation"


@dataclass(frozen=True, slots=True)
class Case:
    """A product, written out or as the path of its product.yaml (relative to the policies' file), and what is expected.

    Of a violation, `subject` is what it must be about, and `reason` is part of its text; None requires neither.
    """

    product: Contract | str = field(hash=False)
    expect: Expectation
    subject: str | None = None
    reason: str | None = None
    previous: Contract | str | None = field(default=None, hash=False)
    place: Place = field(default=WHOLE_FILE, compare=False)
