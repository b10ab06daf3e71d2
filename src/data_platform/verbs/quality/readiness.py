"""readiness: the production readiness of the mesh, by domain.

A judgement depends on its evidence alone. So the clock keeps what it judged, with its basis, a text of
what the evidence was made of: who asks compares texts, which parses no contract, and judges only the products whose
basis is another one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice

from data_platform.governance.readiness import FORMULA, MONITORING, is_central
from data_platform.record.catalog import inputs, outputs, products
from data_platform.record.catalog.products import ProductHead
from data_platform.record.governance import broken_policies, kept_readiness
from data_platform.record.governance.kept_readiness import KeptReadiness
from data_platform.record.lineage import lineage
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.quality.sla_status import SlaStatus
from data_platform.verbs.quality.survey import Survey
from data_platform.verbs.results import DomainReadiness, Readiness

POINTS = 13
"""The points of the checklist and the anti-patterns together."""
BATCH = 500
"""Products that are judged together."""
MOST_JUDGED = 2_000
"""Products that one run of the clock judges; the next run goes on."""
Missed = frozenset[str]
"""The keys of the points that a product misses."""


@dataclass(frozen=True, slots=True)
class ListReadiness(Request[list[DomainReadiness]]):
    """The readiness of the mesh, by domain."""


def list_readiness(context: Context, request: ListReadiness) -> list[DomainReadiness]:
    """The domains by name; products that are retired or archived are left out.

    Whether promises are measured is taken from the clock's last run; all else is as it is now.
    """
    with context.record.reading() as conn:
        survey = Survey(context, conn)
        heads = survey.part.select(products.list_open_heads(conn), lambda head: head.name)
        missed = judge_products(survey, heads)
    by_domain: defaultdict[str, list[Missed]] = defaultdict(list)
    for head in heads:
        by_domain[head.domain].append(missed[head.name])
    return [build_domain_readiness(name, judged) for name, judged in sorted(by_domain.items())]


def build_domain_readiness(name: str, judged: Sequence[Missed]) -> DomainReadiness:
    """The readiness of a domain with these products."""
    missing = Counter(key for missed in judged for key in missed)
    checked = POINTS * len(judged)
    score = round(100 * (checked - missing.total()) / checked, 1) if checked else 0.0
    ready = sum(not missed for missed in judged)
    ordered = sorted(missing.items(), key=lambda item: (-item[1], item[0]))
    return DomainReadiness(name, len(judged), ready, score, dict(ordered))


def judge_products(
    survey: Survey, heads: Sequence[ProductHead], among: Collection[str] | None = None
) -> dict[str, Missed]:
    """What these products miss, by name; `among` are their names where they are not the whole mesh."""
    bases = _Bases(survey, among).map_all(heads)
    kept = kept_readiness.map_all(survey.conn, among)
    always = frozenset() if survey.clock_runs else frozenset([MONITORING])
    parsed: dict[str, Missed] = {}
    missed: dict[str, Missed] = {}
    for name, judgement in kept.items():
        if bases.get(name) == judgement.basis:
            if judgement.missed not in parsed:
                parsed[judgement.missed] = frozenset(filter(None, judgement.missed.split(","))) | always
            missed[name] = parsed[judgement.missed]
    rest = [head.name for head in heads if head.name not in missed]
    missed.update((readiness.product, _list_missed(readiness)) for readiness in _judge(survey, rest))
    return missed


def keep_readiness(context: Context, status: SlaStatus) -> None:
    """Judges products whose evidence has changed since, and keeps what it finds; `status` is that of this run."""
    with context.record.reading() as conn:
        survey = Survey(context, conn, in_run=True)
        if not survey.part.is_everything:
            return
        heads = products.list_open_heads(conn)
        bases, kept = _Bases(survey).map_all(heads), kept_readiness.map_all(conn)
        changed = (
            name
            for name, basis in bases.items()
            if (old := kept.get(name)) is None or (old.basis, old.measured) != (basis, status.measured[name] > 0)
        )
        judged = [
            KeptReadiness(
                readiness.product,
                bases[readiness.product],
                status.measured[readiness.product] > 0,
                ",".join(sorted(_list_missed(readiness))),
            )
            for readiness in _judge(survey, list(islice(changed, MOST_JUDGED)))
        ]
    for at in range(0, len(judged), BATCH):
        with context.record.transaction() as tx:
            kept_readiness.save(tx, judged[at : at + BATCH])


def _judge(survey: Survey, names: Sequence[str]) -> Iterator[Readiness]:
    for at in range(0, len(names), BATCH):
        yield from survey.measure(products.list_named(survey.conn, names[at : at + BATCH]))


def _list_missed(readiness: Readiness) -> Missed:
    points = (*readiness.points, *readiness.anti_patterns)
    return frozenset(point.key for point in points if not point.met)


class _Bases:
    """What the evidence of products is made of, as texts, from a constant number of statements.

    The contract and the newest versions stand for what is in them. A caller from whom sources of a product are hidden
    has no basis of it, because its evidence is another one.
    """

    def __init__(self, survey: Survey, among: Collection[str] | None = None) -> None:
        conn = survey.conn
        self._survey = survey
        self._states = outputs.map_states(conn, among)
        self._violated = broken_policies.list_products(conn, among)
        self._world = (FORMULA, survey.gone, sorted(survey.renamed.items()))
        self._by_domain: dict[str, str] = {}
        hidden = survey.part.hidden
        self._partial = {*inputs.list_reading(conn, hidden), *lineage.list_made_from(conn, hidden)} if hidden else set()

    def map_all(self, heads: Iterable[ProductHead]) -> dict[str, str]:
        """The basis of each product, by name."""
        return {head.name: self._write(head) for head in heads if head.name not in self._partial}

    def _write(self, head: ProductHead) -> str:
        survey = self._survey
        if head.domain not in self._by_domain:
            facts = (survey.count_policies(head.domain) > 0, sorted(survey.list_tested(head.domain)))
            self._by_domain[head.domain] = blake2b(repr((*self._world, *facts)).encode(), digest_size=8).hexdigest()
        central = is_central(len(survey.owned[head.owner]), survey.domains)
        violated, endless = head.name in self._violated, bool(survey.endless[head.name])
        flags = f"{violated:d}{endless:d}{central:d}"
        return f"{self._by_domain[head.domain]} {flags} {head.revision} {self._states.get(head.name)} {head.owner}"
