"""glossary: list, show, define and retire terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource, ResourceKind
from data_platform.errors import BadInput, NotFound, Refused
from data_platform.record.catalog import domains
from data_platform.record.glossary import term_columns, terms
from data_platform.record.glossary.terms import Term, TermFilter, make_key
from data_platform.record.operations.event_kinds import EventKind
from data_platform.spec.schema.annotations import LONGEST_TERM
from data_platform.verbs.core.authorization.authorize import authorize
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import TermDetail, TermInfo, TermLink, TermList

LARGEST_LIST = 1000
"""The most terms that one request lists."""
LONGEST_DEFINITION = 10_000
_DEEPEST = 20
"""The most terms above one another."""


@dataclass(frozen=True, slots=True)
class ListTerms(Request[TermList]):
    """The terms by name: with all words of `search` in name, synonyms or definition; of a first letter, of a domain.

    `#` is the letter of names that begin with none. Retired terms are listed with `retired`.
    """

    search: str = ""
    letter: str | None = None
    domain: str | None = None
    retired: bool = False
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ShowTerm(Request[TermDetail]):
    """One term, with narrower terms and the columns that are linked to it."""

    name: str


@dataclass(frozen=True, slots=True)
class DefineTerm(Request[TermInfo]):
    """Define a term, or change what is given of it; None leaves a field as it is, and an empty text removes it.

    A term that was retired is in use again. The owner of a new term is the caller, unless one is given.
    """

    name: str
    definition: str | None = None
    owner: str | None = None
    domain: str | None = None
    parent: str | None = None
    synonyms: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class RetireTerm(Request[TermInfo]):
    """Say that a term is not to be used any more; columns that are linked to it keep it."""

    name: str


def list_terms(context: Context, request: ListTerms) -> TermList:
    """The terms that the caller finds; raises BadInput for a limit or an offset that there is not."""
    if not 0 < request.limit <= LARGEST_LIST or request.offset < 0:
        raise BadInput("there is no such part of the list", hint=f"limit is 1 to {LARGEST_LIST:,}, offset 0 or more")
    words = tuple(request.search.split())
    with context.record.reading() as conn:
        part = find_visible_part(context, conn)
        which = TermFilter(words, request.letter, request.domain, part.domains, request.retired)
        page = terms.read_page(conn, which, request.limit, request.offset)
        return TermList(tuple(_build_infos(conn, part, page.terms)), page.total, page.letters)


def show_term(context: Context, request: ShowTerm) -> TermDetail:
    """The term with the columns of the products that the caller finds; raises NotFound."""
    with context.record.reading() as conn:
        part = find_visible_part(context, conn)
        term = _find_visible(conn, part, request.name)
        columns = term_columns.list_columns(conn, term.key, part.products)
        narrower = [child.name for child in terms.list_children(conn, term.key) if _is_visible(part, child)]
        (info,) = _build_infos(conn, part, [term])
    links = tuple(TermLink(column.product, column.output, column.column) for column in columns)
    return TermDetail(info, tuple(narrower), links)


def define_term(context: Context, request: DefineTerm) -> TermInfo:
    """The term as it is now; raises BadInput, and NotFound for a domain or a parent that there is not.

    Governors define terms, and the owner of a domain those of the domain.
    """
    name = _check_name(request.name)
    with context.record.transaction() as tx:
        before, part = terms.find(tx, name), find_visible_part(context, tx)
        if before is not None and not _is_visible(part, before):
            raise Refused(f"the name {name} is taken", hint="choose another name")
        _authorize(context, tx, before.domain if before else request.domain or None)
        term = _change(context, tx, before, replace(request, name=name))
        _authorize(context, tx, term.domain)
        _check_parents(tx, part, term, request.parent or term.parent or "")
        terms.save(tx, term)
        given = {field: getattr(request, field) for field in ("definition", "owner", "domain", "parent", "synonyms")}
        details = {field: value for field, value in given.items() if value is not None}
        record_outcomes(context, tx, ActOutcome(EventKind.TERM_DEFINED, _name_subject(term), details))
        (info,) = _build_infos(tx, part, [term])
    return info


def retire_term(context: Context, request: RetireTerm) -> TermInfo:
    """The term, which is retired now; raises NotFound, and Refused for one that was retired before."""
    with context.record.transaction() as tx:
        part = find_visible_part(context, tx)
        term = _find_visible(tx, part, request.name)
        _authorize(context, tx, term.domain)
        if term.retired_at is not None:
            raise Refused(f"the term {term.name} was retired on {term.retired_at:%Y-%m-%d}")
        terms.retire(tx, term.key, context.clock())
        record_outcomes(context, tx, ActOutcome(EventKind.TERM_RETIRED, _name_subject(term), {}))
        (info,) = _build_infos(tx, part, [replace(term, retired_at=context.clock())])
    return info


def _change(context: Context, tx: Connection, before: Term | None, request: DefineTerm) -> Term:
    """The term with what the request gives; raises BadInput, NotFound."""
    by, now = context.principal.name, context.clock()
    old = before or Term(request.name, "", by, None, None, (), now, by)
    definition = old.definition if request.definition is None else request.definition.strip()
    if not 0 < len(definition) <= LONGEST_DEFINITION:
        what = f"{request.name} is a new term without a definition" if not definition else "the definition is too long"
        raise BadInput(what, hint=f"--definition TEXT, of 1 to {LONGEST_DEFINITION:,} characters (definition)")
    domain = old.domain if request.domain is None else request.domain or None
    if domain is not None and domain != old.domain and domains.find(tx, domain) is None:
        raise NotFound(f"no domain {domain}", hint="data-platform domain list")
    return Term(
        name=request.name,
        definition=definition,
        owner=(request.owner or "").strip() or old.owner,
        domain=domain,
        parent=old.parent if request.parent is None else make_key(request.parent) or None,
        synonyms=old.synonyms if request.synonyms is None else tuple(map(_check_name, request.synonyms)),
        defined_at=now,
        defined_by=by,
    )


def _check_name(name: str) -> str:
    """The name with single blanks; raises BadInput."""
    words = " ".join(name.split())
    if not 0 < len(words) <= LONGEST_TERM or not words.isprintable():
        raise BadInput(f"{name[:40]!a} is no name of a term", hint=f"1 to {LONGEST_TERM} printable characters")
    return words


def _check_parents(tx: Connection, part: VisiblePart, term: Term, given: str) -> None:
    """Raises NotFound for a parent that there is not, BadInput where the term would be above itself."""
    above = term.parent
    for _ in range(_DEEPEST):
        if above is None:
            return
        parent = terms.find(tx, above)
        if parent is None or not _is_visible(part, parent):
            raise _not_found(given if above == term.parent else above)
        if parent.key == term.key:
            break
        above = parent.parent
    raise BadInput(
        f"{term.name} would be above itself, or below more than {_DEEPEST} terms", hint="choose another parent"
    )


def _authorize(context: Context, tx: Connection, domain: str | None) -> None:
    kind = ResourceKind.MESH if domain is None else ResourceKind.DOMAIN
    context.decision = authorize(context, Action.DEFINE_TERM, Resource(kind, name=domain), tx)


def _find_visible(conn: Connection, part: VisiblePart, name: str) -> Term:
    term = terms.find(conn, name)
    if term is None or not _is_visible(part, term):
        raise _not_found(name)
    return term


def _is_visible(part: VisiblePart, term: Term) -> bool:
    return term.domain is None or part.shows_domain(term.domain)


def _not_found(name: str) -> NotFound:
    return NotFound(f"there is no term {name}", hint="data-platform glossary list")


def _name_subject(term: Term) -> Subject:
    return Subject(f"term:{term.name}")


def _build_infos(conn: Connection, part: VisiblePart, rows: Sequence[Term]) -> list[TermInfo]:
    """The terms with their numbers of columns, in two queries."""
    counts = term_columns.count_columns(conn, {term.key for term in rows}, part.products)
    parents = terms.list_by_key(conn, {term.parent for term in rows if term.parent})
    names = {parent.key: parent.name for parent in parents if _is_visible(part, parent)}
    return [
        TermInfo(
            name=term.name,
            definition=term.definition,
            owner=term.owner,
            domain=term.domain,
            parent=names.get(term.parent) if term.parent else None,
            synonyms=term.synonyms,
            columns=counts.get(term.key, 0),
            defined_at=term.defined_at,
            defined_by=term.defined_by,
            retired_at=term.retired_at,
        )
        for term in rows
    ]
