"""Dispatch: every caller passes a request to `dispatch`, which runs its verb for that caller."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from data_platform.access.actions import Resource, ResourceKind
from data_platform.errors import AccessDenied, BadInput, DataPlatformError, out_of_memory
from data_platform.settings import Principal
from data_platform.verbs.core.attachments import check_attachments
from data_platform.verbs.core.authorization.authorize import authorize, authorize_role
from data_platform.verbs.core.authorization.unregistered_files import Substitute, substitute_name
from data_platform.verbs.core.authorization.visible_part import hide_names
from data_platform.verbs.core.context import Context, DeniedAct
from data_platform.verbs.core.lookup.renamed_products import follow_redirects, resolve_only_output
from data_platform.verbs.core.request import Request, check_request
from data_platform.verbs.registry import VERBS, load_function
from data_platform.verbs.verb import Scope, Verb

if TYPE_CHECKING:
    from data_platform.spec.product.model import Product

T = TypeVar("T")

_NAMES = {ResourceKind.DOMAIN: "name", ResourceKind.PRINCIPAL: "principal", ResourceKind.POLICIES: "domain"}
"""The field of a request that names its resource."""


def dispatch(context: Context, request: Request[T]) -> T:
    """The answer of the request's verb, if the caller may have it.

    Raises BadInput for a request or attachments that are not what they declare, AccessDenied, and what the verb raises.
    """
    verb = VERBS[type(request).__name__]
    check_request(request)
    check_attachments(context.attachments)
    _refuse_other_file(request)
    substitute: Substitute | None = None
    try:
        context.decision = authorize_role(context, verb.action, resolve_resource(verb, request))
        # after the roles: a former name shows the present one
        current = follow_redirects(context, request) if _has_role(context.principal) else request
        current, substitute = substitute_name(context, verb.action, current)
        if verb.scope is not Scope.ROW:
            context.authorized = verb.action, resolve_resource(verb, current)
            context.decision = authorize(context, *context.authorized)
        run = partial(_run, context, verb, current, substitute)
        if verb.writes and context.attachments.idempotency_key is not None:
            # imported here: the JSON form of requests takes 0.2 s to load, and few callers send a key
            from data_platform.verbs.idempotency.answers import answer_once

            return cast("T", answer_once(context, request, context.attachments.idempotency_key, run))
        return cast("T", run())
    except AccessDenied as denial:
        if substitute is not None:
            context.denied = None
            substitute.put_back_error(denial)
        _record_denial(context, denial, context.denied or DeniedAct(verb.action, resolve_resource(verb, request)))
        raise
    except BadInput as error:
        if context.denied is not None:  # what is hidden is as if it were not there
            _record_denial(context, error, context.denied)
        if substitute is not None:
            substitute.put_back_error(error)
        raise hide_names(context, error, request) from error.__cause__
    except MemoryError as error:
        raise out_of_memory() from error


def _record_denial(context: Context, error: DataPlatformError, denied: DeniedAct) -> None:
    # imported here: what records outcomes takes 0.1 s to load, and few requests are denied
    from data_platform.verbs.events.bounded import record_denial

    reason = error.message if denied.concealed is None else f"answered as unknown: {denied.concealed}"
    record_denial(context, reason, denied.action, denied.resource)


def _has_role(principal: Principal) -> bool:
    return principal.local or bool(principal.roles)


def _run(context: Context, verb: Verb, request: Request[Any], substitute: Substitute | None) -> Any:
    answer = load_function(verb.place)(context, resolve_only_output(context, request))
    return answer if substitute is None else substitute.put_back(answer)


def resolve_resource(verb: Verb, request: Request[Any]) -> Resource:
    """What a request acts on: the product or the output that it names, else what the verb's scope says.

    A verb that looks its rows up asks for the mesh as a whole first, so that a stranger cannot find out what is there.
    """
    any_request: Any = request
    if verb.scope is Scope.ROW:
        return Resource(ResourceKind.MESH)
    product = getattr(any_request, "product", None)
    if isinstance(product, str):
        declared = _find_declared(any_request)
        output = any_request.output if verb.scope is Scope.OUTPUT else None
        if declared is None:
            return Resource.of(product, output)
        return Resource.of(product, output, owner=declared.owner, domain=declared.domain)
    kind = ResourceKind(verb.scope.value)
    return Resource(kind, name=getattr(any_request, _NAMES[kind], None) if kind in _NAMES else None)


def _refuse_other_file(request: Any) -> None:
    """Raises BadInput for a product.yaml of another product than the request names, and is authorised for."""
    declared, product = _find_declared(request), getattr(request, "product", None)
    if declared is not None and declared.name != product:
        raise BadInput(f"product.yaml declares {declared.name}, and not {product}", hint="name the product of the file")


def _find_declared(request: Any) -> Product | None:
    """What the product.yaml of a request says, if there is one."""
    product: Product | None = getattr(getattr(request, "file", None), "product", None)
    return product
