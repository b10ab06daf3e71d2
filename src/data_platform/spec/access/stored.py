"""The access of a product's outputs as one JSON text, from which decisions are made without its contract."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from data_platform.spec.access.json_form import restore_access, serialize_access
from data_platform.spec.access.model import AccessSpec

_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class StoredAccess:
    """The access of one output, as a JSON text that says all of it, lines too; equal texts are one access."""

    text: str = "{}"

    @classmethod
    def of(cls, access: AccessSpec) -> StoredAccess:
        """The text of an access."""
        return cls(json.dumps(serialize_access(access), ensure_ascii=False, sort_keys=True))

    @property
    def spec(self) -> AccessSpec:
        """The access, restored once for a text."""
        return _restore(self.text)


UNDECLARED_ACCESS = StoredAccess()


def write_outputs(outputs: Mapping[str, AccessSpec]) -> str | None:
    """The text of the access of each output, by name, and of the product by the empty name; None: nothing is said."""
    texts = {name: StoredAccess.of(access).text for name, access in outputs.items()}
    return None if set(texts.values()) <= {UNDECLARED_ACCESS.text} else json.dumps(texts, sort_keys=True)


@lru_cache(maxsize=_KEPT)
def read_outputs(text: str | None) -> Mapping[str, StoredAccess]:
    """What `write_outputs` wrote."""
    stored = {} if text is None else json.loads(text)
    return MappingProxyType({name: StoredAccess(own) for name, own in stored.items()})


@lru_cache(maxsize=_KEPT)
def _restore(text: str) -> AccessSpec:
    return restore_access(json.loads(text))
