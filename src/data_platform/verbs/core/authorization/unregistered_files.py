"""A product.yaml that is only looked at, of a name that a product has which the caller does not find.

Its answer is that of a name nobody has registered: the verb is asked about a name that is free, and the answer has the
name of the file again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar
from uuid import uuid4

from data_platform.access.actions import Action
from data_platform.errors import DataPlatformError
from data_platform.record.catalog import redirects
from data_platform.verbs.core.authorization.authorize import find_hidden_products
from data_platform.verbs.core.context import Context

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Substitute:
    """A free name, used instead of `name`."""

    name: str
    free: str

    def put_back(self, value: T) -> T:
        """The answer with the name of the file."""
        answer: T = _replace_text(value, self.free, self.name)
        return answer

    def put_back_error(self, error: DataPlatformError) -> None:
        """The same for an error, in place."""
        error.args = self.put_back(error.args)
        for key, value in vars(error).items():
            setattr(error, key, self.put_back(value))


def substitute_name(context: Context, action: Action, request: T) -> tuple[T, Substitute | None]:
    """The request with a free name in its file, where it reads a file of a hidden product's name, or former name."""
    any_request: Any = request
    file: Any = getattr(any_request, "file", None)
    product: Any = getattr(file, "product", None)
    if action is not Action.READ or product is None or context.principal.local:
        return request, None
    with context.record.reading() as conn:
        if redirects.resolve_name(conn, product.name) not in find_hidden_products(context, conn):
            return request, None
    substitute = Substitute(product.name, f"unregistered-{uuid4().hex}")
    renamed: T = replace(any_request, file=replace(file, product=replace(product, name=substitute.free)))
    return renamed, substitute


def _replace_text(value: Any, old: str, new: str) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, Mapping):
        return {_replace_text(key, old, new): _replace_text(item, old, new) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_replace_text(item, old, new) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        return replace(value, **{key: _replace_text(item, old, new) for key, item in changed.items()})
    return value
