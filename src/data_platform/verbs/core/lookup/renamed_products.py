"""Names that products had before: a request that names one means the product as it is called now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection

from data_platform.errors import Refused
from data_platform.record.catalog import products, redirects
from data_platform.record.catalog.redirects import Redirect
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import resolve_output_name

if TYPE_CHECKING:
    from data_platform.spec.product.model import Input

R = TypeVar("R")


def follow_redirects(context: Context, request: R) -> R:
    """The request with the product's present name; the context remembers where the files of renamed products lie.

    A request without a field `product` is returned unchanged, without a look at the record.
    """
    any_request: Any = request
    if not is_dataclass(request) or all(field.name != "product" for field in fields(request)):
        return request
    with context.record.reading() as conn:
        renamed = redirects.list_all(conn)
    context.remember_redirects(renamed)
    redirect = _find_redirect(renamed, any_request.product)
    if redirect is None:
        return request
    context.note_redirect(redirect)
    answer: R = replace(any_request, product=redirect.product)
    return answer


def resolve_used_name(context: Context, conn: Connection, name: str) -> str:
    """The present name of a product that the caller names; that it is a former one is announced by the decision."""
    redirect = redirects.find(conn, name)
    if redirect is None:
        return name
    context.note_redirect(redirect)
    return redirect.product


def _find_redirect(renamed: Iterable[Redirect], name: str | None) -> Redirect | None:
    return next((redirect for redirect in renamed if redirect.name == name), None)


def resolve_only_output(context: Context, request: R) -> R:
    """The request with the name of the product's only output, where it leaves that out.

    Raises NotFound and BadInput where there is none, or several.
    """
    any_request: Any = request
    output = getattr(any_request, "output", None)
    if not isinstance(output, str) or (output and not output.startswith("@")):
        return request
    with context.record.reading() as conn:
        if products.find(conn, any_request.product) is None:
            return request
        answer: R = replace(any_request, output=resolve_output_name(conn, any_request.product, output))
    return answer


def describe_redirect(redirect: Redirect) -> str:
    """The redirect in words, with what to write instead."""
    return f"`{redirect.name}` is `{redirect.product}` since {redirect.since:%Y-%m-%d}; write that name"


def refuse_former(context: Context, conn: Connection, name: str) -> None:
    """Raises Refused for a product.yaml with a name that a product gave up: it redirects for good.

    The context remembers where the files of renamed products lie.
    """
    renamed = redirects.list_all(conn)
    context.remember_redirects(renamed)
    former = _find_redirect(renamed, name)
    if former is not None and products.find(conn, name) is None:
        raise Refused(
            f"the name {name} leads to {former.product} since {former.since:%Y-%m-%d}, and no product can take it",
            hint=f"write `name: {former.product}` in product.yaml if that is the product, or else choose another name",
        )


def resolve_input_name(conn: Connection, needed: Input) -> Input:
    """The input by the name that its product has now."""
    return replace(needed, data_product=redirects.resolve_name(conn, needed.data_product))
