"""Names of outputs: `orders_fact`, or `orders_fact@2` for one of its majors.

A major is the first number of a contract version, and no data version: those are written behind a `#`, as in
`orders_fact@2#7`, the seventh data version of the second major.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from data_platform.errors import BadInput
from data_platform.spec.text.names import quote_text

_REFERENCE = re.compile(r"(?P<name>[^@#]*)(@(?P<major>0|[1-9][0-9]{0,8}))?")


@dataclass(frozen=True, slots=True)
class OutputName:
    """An output's name in product.yaml, and the major; with None the mesh chooses it."""

    name: str
    major: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """The parts of `name` or `name@major`; raises BadInput for anything else behind the name.

        An empty name is that of the only output.
        """
        match = _REFERENCE.fullmatch(text)
        if match is None:
            hint = "write orders_fact, or orders_fact@2 for the outputs of contract version 2.x"
            raise BadInput(f"{quote_text(text)} is not OUTPUT or OUTPUT@MAJOR", hint=hint)
        return cls(match["name"], int(match["major"]) if match["major"] else None)

    def __str__(self) -> str:
        return self.name if self.major is None else f"{self.name}@{self.major}"
