"""Names that products had before: a request that names one means the product as it is called now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection

from data_platform.errors import Refused
from data_platform.record.catalog import products, redirects
from data_platform.record.catalog.redirects import Redirect
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.resolve import complete_name

if TYPE_CHECKING:
    from data_platform.spec.product.model import Input

R = TypeVar("R")


def follow_redirects(context: Context, request: R) -> R:
    """The request with the product's present name; the context remembers where the files of renamed products lie."""
    with context.record.reading() as conn:
        renamed = redirects.all(conn)
    context.remember_redirects(renamed)
    return _renamed(context, request, renamed) if is_dataclass(request) else request


def _renamed(context: Context, request: R, known: Sequence[Redirect]) -> R:
    former = {each.name: each for each in known}
    asked: Any = request
    found = former.get(asked.product) if any(each.name == "product" for each in fields(asked)) else None
    if found is None:
        return request
    context.on_redirect(found)
    answer: R = replace(asked, product=found.product)
    return answer


def complete_output(context: Context, request: R) -> R:
    """The request with the name of the product's only output, where it leaves that out.

    Raises NotFound and BadInput where there is none, or several.
    """
    asked: Any = request
    output = getattr(asked, "output", None)
    if not isinstance(output, str) or (output and not output.startswith("@")):
        return request
    with context.record.reading() as conn:
        if products.find(conn, asked.product) is None:
            return request
        answer: R = replace(asked, output=complete_name(conn, asked.product, output))
    return answer


def told(redirect: Redirect) -> str:
    """The redirect in words, with how to mend it."""
    return f"`{redirect.name}` is `{redirect.product}` since {redirect.since:%Y-%m-%d}; write that name"


def refuse_former(conn: Connection, name: str) -> None:
    """Raises Refused for a product.yaml with a name that a product gave up: it redirects for good."""
    found = redirects.find(conn, name)
    if found is not None and products.find(conn, name) is None:
        raise Refused(
            f"the name {name} leads to {found.product} since {found.since:%Y-%m-%d}, and no product can take it",
            hint=f"write `name: {found.product}` in product.yaml if that is the product, or else choose another name",
        )


def current_input(conn: Connection, needed: Input) -> Input:
    """The input by the name that its product has now."""
    return replace(needed, data_product=redirects.current(conn, needed.data_product))
