"""How the rows of a publish and the content of the version before make the next version."""

from __future__ import annotations

from enum import StrEnum

from data_platform.errors import BadInput
from data_platform.spec.text.names import quote_value


class PublishMode(StrEnum):
    """`overwrite` replaces the content, `append` adds to it, `overwrite_partitions` replaces the partitions it has."""

    OVERWRITE = "overwrite"
    APPEND = "append"
    OVERWRITE_PARTITIONS = "overwrite_partitions"

    @classmethod
    def parse(cls, text: str) -> PublishMode:
        """The mode of that name; raises BadInput."""
        try:
            return cls(text)
        except ValueError:
            raise BadInput(f"there is no mode {quote_value(text)}", hint=f"one of {', '.join(cls)}") from None
