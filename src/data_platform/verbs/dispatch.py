"""The one way in: every caller hands a request to `dispatch`, which answers it in the name of that caller."""

from __future__ import annotations

from typing import TypeVar, cast

from data_platform.errors import out_of_memory
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.renamed_products import addressed
from data_platform.verbs.core.request import Request, check_request
from data_platform.verbs.registry import resolve_verb

T = TypeVar("T")


def dispatch(context: Context, request: Request[T]) -> T:
    """The answer of the request's verb.

    Raises BadInput for a request whose fields are not what they declare, and whatever the verb raises.
    """
    check_request(request)
    try:
        return cast("T", resolve_verb(type(request))(context, addressed(context, request)))
    except MemoryError as error:
        raise out_of_memory() from error
