"""Decides who reads an output, and what of it: the lines of its access and the grants of the reader, by Cedar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data_platform.access.cedar import LinePolicies, compile_grant_line, compile_lines, find_deciding_lines
from data_platform.access.decision import SEES_NOTHING, Opening, ReadView
from data_platform.access.facts import DomainFacts, ResourceFacts
from data_platform.access.grants import AccessGrant
from data_platform.access.read_lines import ADMIN, OWNER, UNDECIDED, ReadLine, describe_visibility
from data_platform.access.relations import acts_as, is_admin, owns
from data_platform.sentences import Sentence, make_sentence
from data_platform.settings import Principal
from data_platform.settings.server_variables import PURPOSE_HEADER, PURPOSE_VARIABLE
from data_platform.spec.access.model import AccessSpec, ColumnClass, RowFilter
from data_platform.spec.access.row_filters import EVERY_ROW, Condition, bind_attributes
from data_platform.spec.access.stored import StoredAccess


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and for what something is read: without a moment no grant counts."""

    now: datetime | None = None
    purpose: str | None = None


NO_OCCASION = Occasion()


@dataclass(frozen=True, slots=True)
class ReadDecision:
    """Whether an output may be read, the lines that decided, and the view of it."""

    allowed: bool
    lines: tuple[str, ...]
    reason: Sentence
    view: ReadView = SEES_NOTHING


def decide_reading(
    principal: Principal, output: str, access: StoredAccess, facts: ResourceFacts, occasion: Occasion
) -> ReadDecision:
    """Decides about one output, by its name in product.yaml; the person of an agent is decided about apart."""
    policies = compile_lines(access)
    reader = _describe_reader(principal, facts, occasion)
    ((allowed, deciding),) = find_deciding_lines(policies, [reader])
    forbidding = [line for line in deciding if line.forbids]
    if forbidding:
        lines = tuple(line.id for line in forbidding)
        reason = make_sentence("access.line_denies", "{line} denies it", line=_describe_line(forbidding[0]))
        return ReadDecision(False, lines, reason)
    granted = [] if occasion.now is None else _select_grants(reader, facts.grants, output)
    if not allowed and not granted:
        return ReadDecision(False, (), _explain_denial(access.spec, _list_opening_purposes(policies, reader)))
    view = _build_view(principal, access.spec, deciding, granted)
    lines = tuple(opening.line for opening in view.openings)
    texts = [*map(_describe_line, deciding), *(f"grant {grant.id}" for grant in granted)]
    reason = (
        make_sentence("access.lines_allow", "{lines} allow it", lines=" and ".join(texts))
        if len(texts) > 1
        else make_sentence("access.line_allows", "{line} allows it", line=texts[0])
    )
    return ReadDecision(True, lines, reason, view)


def _select_grants(reader: dict[str, Any], grants: Iterable[AccessGrant], output: str) -> list[AccessGrant]:
    """The grants of an output that the reader holds now."""
    asked = [grant for grant in grants if grant.output == output]
    if not asked:
        return []
    holder = {name: reader[name] for name in ("has_role", "now")} | {"holders": [*reader["names"], *reader["teams"]]}
    contexts = [{**holder, "grant": _describe_grant(grant)} for grant in asked]
    results = find_deciding_lines(compile_grant_line(), contexts)
    return [grant for grant, (allowed, _) in zip(asked, results, strict=True) if allowed]


def _explain_denial(access: AccessSpec, purposes: Sequence[str]) -> Sentence:
    visibility = describe_visibility(access)
    if not purposes:
        return make_sentence(
            "access.closed",
            "{visibility}, and neither a line of its readers nor a grant allows it",
            visibility=visibility,
        )
    return make_sentence(
        "access.open_for",
        "{visibility}, and neither a line of its readers nor a grant allows it; "
        "it is open for the purposes {purposes}: name it in the variable {variable}, over HTTP in the header {header}",
        visibility=visibility,
        purposes=", ".join(purposes),
        variable=PURPOSE_VARIABLE,
        header=PURPOSE_HEADER,
    )


def _list_opening_purposes(policies: LinePolicies, reader: dict[str, Any]) -> list[str]:
    """The purposes for which a line would allow what nothing allows now."""
    purposes = sorted({purpose for line in policies.lines if line.entry for purpose in line.entry.who.purposes})
    if not purposes:
        return []
    contexts = [{**reader, "purposes": [purpose]} for purpose in purposes]
    results = find_deciding_lines(policies, contexts)
    return [purpose for purpose, (allowed, _) in zip(purposes, results, strict=True) if allowed]


def _describe_line(line: ReadLine) -> str:
    return line.text if line in (OWNER, ADMIN, UNDECIDED) else line.id


def _describe_reader(principal: Principal, facts: ResourceFacts, occasion: Occasion) -> dict[str, Any]:
    """The facts about a reader, as Cedar's context."""
    behind = [principal] if principal.acts_for is None else [principal, principal.acts_for]
    names, teams = {one.name for one in behind}, {team for one in behind for team in one.teams}
    now = occasion.now
    return {
        "names": sorted(names),
        "teams": sorted(teams),
        "roles": sorted({grant.role.value for grant in principal.roles}),
        "domains": sorted(_list_domains(principal, facts.reader_domains, facts)),
        "purposes": [] if occasion.purpose is None else [occasion.purpose],
        "has_role": bool(principal.roles),
        "is_owner": owns(principal, facts) and bool(principal.roles),
        "is_admin": is_admin(principal),
        "is_disabled": facts.is_reader_disabled,
        "now": 0 if now is None else _count_microseconds(now),
    }


def _list_domains(principal: Principal, domains: Iterable[DomainFacts], facts: ResourceFacts) -> set[str]:
    """The domains that a principal belongs to: as owner, as member, or by a role in them."""
    by_role = {grant.domain for grant in principal.roles if grant.domain is not None}
    mine = {
        domain.name
        for domain in domains
        if any(acts_as(principal, address, facts) for address in (domain.owner, *domain.members) if address)
    }
    return by_role | mine


def _describe_grant(grant: AccessGrant) -> dict[str, Any]:
    ends = [end for end in (grant.ends_at, grant.revoked_at) if end is not None]
    return {
        "holder": grant.holder,
        "begins_at": _count_microseconds(grant.begins_at),
        "ends_at": _count_microseconds(min(ends)) if ends else _NEVER,
    }


_NEVER = 2**63 - 1


def _count_microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def _build_view(
    principal: Principal, access: AccessSpec, deciding: Iterable[ReadLine], granted: Iterable[AccessGrant]
) -> ReadView:
    lines = list(deciding)
    openings = [_open_line(line, principal) for line in lines]
    openings += [_open_grant(grant) for grant in granted]
    is_limited = not any(line in (OWNER, ADMIN) for line in lines)
    rows = _bind(access.rows, principal) if is_limited else EVERY_ROW
    return ReadView(tuple(openings), rows, access.masks)


def _open_line(line: ReadLine, principal: Principal) -> Opening:
    if line in (OWNER, ADMIN):
        return Opening(_describe_line(line), ColumnClass.ALL, personal=True)
    entry = line.entry
    if entry is None:
        return Opening(line.id)
    columns = entry.effective_columns
    listed = frozenset(columns) if isinstance(columns, tuple) else columns
    return Opening(line.id, listed, columns is not ColumnClass.NON_PERSONAL, _bind(entry.rows, principal))


def _open_grant(grant: AccessGrant) -> Opening:
    columns = ColumnClass.ALL if grant.columns is None else grant.columns
    return Opening(f"grant {grant.id}", columns, grant.opens_personal_data)


def _bind(row_filter: RowFilter | None, principal: Principal) -> Condition:
    return EVERY_ROW if row_filter is None else bind_attributes(row_filter.condition, dict(principal.attributes))
