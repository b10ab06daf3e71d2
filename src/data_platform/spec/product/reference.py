"""The one way to name data: `PRODUCT[.OUTPUT][@MAJOR][#VERSION]`.

OUTPUT may be left out where the product has one output. MAJOR is the first number of a contract version, VERSION a data
version: `orders.orders_fact@2#7` is the seventh data version of the second major.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Self

from data_platform.errors import BadInput
from data_platform.spec.text.names import find_hidden_character, quote_text

FORM = "PRODUCT[.OUTPUT][@MAJOR][#VERSION]"
_EXAMPLES = "such as orders, orders.orders_fact, orders.orders_fact@2 or orders.orders_fact#7"
_TAIL = r"(@(?P<major>0|[1-9][0-9]{0,8}))?(#(?P<version>[1-9][0-9]{0,17}))?"
_REFERENCE = re.compile(rf"(?P<product>[^.@#]+)(\.(?P<output>[^.@#]+))?{_TAIL}", re.DOTALL)
_OUTPUT = re.compile(rf"(?P<output>[^.@#]+)?{_TAIL}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reference:
    """The parts of a name of data. None: the only output, the major of a plain name, the newest version."""

    product: str
    output: str | None = None
    major: int | None = None
    version: int | None = None

    @classmethod
    def parse(cls, text: str | Self, output: str | None = None, version: int | None = None) -> Self:
        """The parts of `text`, and of what is given beside it: an output with its own tail, a data version.

        Raises BadInput for another form, and for a part that is given twice.
        """
        reference = cls._parse(text)
        if output is not None:
            reference = reference._with_output(output)
        if version is not None:
            if reference.version not in (None, version):
                raise BadInput(f"{quote_text(str(reference))} names a version, and so does {version}", hint="keep one")
            reference = replace(reference, version=version)
        return reference

    @classmethod
    def with_column(cls, text: str) -> tuple[Self, str | None]:
        """The parts of `PRODUCT[.OUTPUT[@MAJOR][.COLUMN]]`, and the column, whose name may hold dots."""
        product, dot, rest = text.partition(".")
        output, _, column = rest.partition(".")
        return cls.parse(f"{product}{dot}{output}"), column or None

    @property
    def output_name(self) -> str | None:
        """`OUTPUT[@MAJOR]`, with nothing before the `@` for the only output; None where the product alone is named."""
        if self.output is None and self.major is None and self.version is None:
            return None
        return (self.output or "") + ("" if self.major is None else f"@{self.major}")

    def refuse_version(self, what: str, column: str | None = None) -> Self:
        """The reference; raises BadInput when it names a data version, which `what` does not use.

        The hint repeats the name without the version, but with the `column` that was named beside it.
        """
        if self.version is not None:
            plain = ".".join(filter(None, (str(replace(self, version=None)), column)))
            raise BadInput(f"{what} is not about one data version: #{self.version}", hint=f"write {plain}")
        return self

    def __str__(self) -> str:
        return self.product + "".join(
            f"{mark}{part}"
            for mark, part in ((".", self.output), ("@", self.major), ("#", self.version))
            if part is not None
        )

    @classmethod
    def _parse(cls, text: object) -> Self:
        if isinstance(text, cls):
            return text
        if not isinstance(text, str):
            raise BadInput(f"a {type(text).__name__} names no data", hint=f"write {FORM}, {_EXAMPLES}")
        parts = None if find_hidden_character(text) else _REFERENCE.fullmatch(text)
        if parts is None:
            raise BadInput(f"{quote_text(text)} is not {FORM}", hint=_EXAMPLES)
        return cls(parts["product"], parts["output"], _parse_number(parts["major"]), _parse_number(parts["version"]))

    def _with_output(self, output: str) -> Self:
        if not isinstance(output, str):
            raise BadInput(f"a {type(output).__name__} names no output", hint=f"write {FORM}, {_EXAMPLES}")
        parts = None if find_hidden_character(output) else _OUTPUT.fullmatch(output)
        if parts is None:
            raise BadInput(
                f"{quote_text(output)} is not OUTPUT[@MAJOR][#VERSION]", hint=f"or write {FORM}, {_EXAMPLES}"
            )
        if self.output_name is not None:
            raise BadInput(
                f"{quote_text(str(self))} names the output, and so does {quote_text(output)}",
                hint=f"write {FORM} alone",
            )
        return replace(
            self, output=parts["output"], major=_parse_number(parts["major"]), version=_parse_number(parts["version"])
        )


def _parse_number(text: str | None) -> int | None:
    return None if text is None else int(text)
