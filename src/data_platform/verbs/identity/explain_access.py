"""access explain: whether a principal may read an output, what it sees of it, and which lines decide."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource
from data_platform.access.decide import decide
from data_platform.access.decision import Decision
from data_platform.access.read_lines import list_lines
from data_platform.access.reading import Occasion
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.record.identity import principals
from data_platform.sentences import Sentence, make_sentence
from data_platform.settings import Principal
from data_platform.settings.server_variables import PURPOSE_HEADER, PURPOSE_VARIABLE
from data_platform.spec.access.model import AccessSpec
from data_platform.spec.access.row_filters import EVERY_ROW
from data_platform.spec.access.written_form import write_condition
from data_platform.spec.schema.types import TableSchema
from data_platform.verbs.core.authorization.access_facts import find_facts
from data_platform.verbs.core.authorization.authorize import authorize
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.erasures import map_erasures
from data_platform.verbs.core.lookup.resolve import list_majors, resolve_output_name, resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.identity.authenticate import find_known_principal
from data_platform.verbs.identity.changes import find_principal
from data_platform.verbs.results import AccessExplanation, ExplainedOutput


@dataclass(frozen=True, slots=True)
class ExplainAccess(Request[AccessExplanation]):
    """Whether a principal may read an output, or each output of a product, now and for a purpose.

    `purpose` None is the one that the caller's client names, if it does.
    """

    principal: str
    product: str
    output: str | None = None
    purpose: str | None = None


def explain_access(context: Context, request: ExplainAccess) -> AccessExplanation:
    """The explanation; the principal itself, the owner, governors and admins may have it. Raises NotFound."""
    with context.record.reading() as conn:
        is_own = request.principal in _list_own_names(context.principal)
        resource = Resource.of(request.product, request.output)
        authorize(context, Action.READ if is_own else Action.EXPLAIN_ACCESS, resource, conn)
        product = resolve_product(conn, request.product)
        row = find_principal(conn, request.principal)
        principal = find_known_principal(conn, row.name)
        occasion = Occasion(context.clock(), request.purpose or context.caller.purpose)
        explained = tuple(
            _explain_output(context, conn, product, name, principal, occasion)
            for name in _list_outputs(conn, product, request)
        )
    return AccessExplanation(row.name, product.name, occasion.purpose, explained)


def _list_own_names(principal: Principal) -> tuple[str, ...]:
    return (principal.name,) if principal.acts_for is None else (principal.name, principal.acts_for.name)


def _list_outputs(conn: Connection, product: ProductRow, request: ExplainAccess) -> Sequence[str]:
    if request.output is not None:
        return [resolve_output_name(conn, product.name, request.output).partition("@")[0]]
    return list(dict.fromkeys(output.name for output in product.contract.product.outputs))


def _explain_output(
    context: Context, conn: Connection, product: ProductRow, name: str, principal: Principal, occasion: Occasion
) -> ExplainedOutput:
    resource = Resource.of(product.name, name)
    reader = principals.find(conn, principal.name)
    facts = find_facts(conn, resource, principal)
    facts = replace(facts, is_reader_disabled=reader is not None and reader.disabled_at is not None)
    access = facts.find_access(name)
    decision = decide(principal, Action.CONSUME, resource, facts, occasion)
    row = _find_newest_major(conn, product.name, name)
    schema = TableSchema(()) if row is None or row.schema is None else row.schema
    personal = frozenset(schema.masked)
    erased = map_erasures(conn, context.folder(product.name), row.name, row.version) if row is not None else {}
    view = decision.view_columns(name, schema, personal).without_values(erased)
    masks = {column: str(mask) for column, mask in view.masks.items()} if decision.allowed else {}

    def find_masked(purpose: str) -> Collection[str]:
        other = decide(principal, Action.CONSUME, resource, facts, replace(occasion, purpose=purpose))
        return other.view_columns(name, schema, personal).masks if other.allowed else masks

    texts = {line.id: line.text for line in list_lines(access.spec)}
    unseen = personal & masks.keys() if decision.allowed else personal
    steps = (
        *_list_purposes(access.spec, occasion.purpose, masks, find_masked),
        *_list_approvals(product, name, access.spec, decision, unseen),
    )
    return ExplainedOutput(
        output=name,
        allowed=decision.allowed,
        reason=str(decision.reason),
        lines=tuple(f"{line}: {texts[line]}" if line in texts else line for line in decision.lines),
        columns=tuple(name for name in schema.names if name not in {*view.masks, *erased}) if decision.allowed else (),
        masks=masks,
        clear_rows={column: write_condition(rows) for column, rows in view.clear_rows.items() if column in masks},
        rows=None if not decision.allowed or view.condition == EVERY_ROW else write_condition(view.condition),
        missing=tuple(map(str, steps)),
        erased=tuple(column for column in schema.names if column in erased) if decision.allowed else (),
        because=decision.reason,
        steps=steps,
    )


def _find_newest_major(conn: Connection, product: str, output: str) -> OutputRow | None:
    """The newest major that has a schema."""
    rows = [row for row in list_majors(conn, product, output) if not row.closed and row.schema is not None]
    return rows[-1] if rows else None


def _list_purposes(
    access: AccessSpec, present: str | None, masked: Collection[str], find_masked: Callable[[str], Collection[str]]
) -> Iterator[Sentence]:
    """What each purpose that an entry of `readers` names would open of the masked columns."""
    for purpose in sorted({purpose for entry in access.readers or () for purpose in entry.who.purposes} - {present}):
        left = find_masked(purpose)
        if opened := [column for column in masked if column not in left]:
            yield make_sentence(
                "access.purpose_opens",
                "the purpose {purpose} opens {columns}: "
                "name it in the variable {variable}, over HTTP in the header {header}",
                purpose=purpose,
                columns=", ".join(opened),
                variable=PURPOSE_VARIABLE,
                header=PURPOSE_HEADER,
            )


def _list_approvals(
    product: ProductRow, output: str, access: AccessSpec, decision: Decision, masked: frozenset[str]
) -> Iterator[Sentence]:
    """Who has to approve a request before the rest opens; nobody can where a line denies it."""
    if decision.is_forbidden or (decision.allowed and not masked):
        return
    values = {"owner": product.owner, "output": f"{product.name}.{output}"}
    if access.approvers:
        yield make_sentence(
            "access.approval_of_some",
            "the owner {owner} or {approvers} approves: data-platform access request {output} --purpose TEXT",
            approvers=", ".join(access.approvers),
            **values,
        )
    else:
        yield make_sentence(
            "access.approval",
            "the owner {owner} approves: data-platform access request {output} --purpose TEXT",
            **values,
        )
    if masked:
        yield make_sentence(
            "access.governor", "a governor approves the personal columns: {columns}", columns=", ".join(sorted(masked))
        )
