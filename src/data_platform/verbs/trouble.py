"""What a publish does to incidents: its refusal opens one, as does a rule in error; the next good publish ends them.

A promise that is broken opens one too: `verbs/tick` looks for those. The severity of all follows the readers
(`quality/severity`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data_platform.errors import Refused
from data_platform.quality.severity import RECENTLY, severity_of
from data_platform.quality.sla import moment_of, zone_of
from data_platform.quality.verdict import DataQualityError, Verdict
from data_platform.record import impact, incidents, products, usage
from data_platform.record.incidents import Stroke
from data_platform.record.usage import Reader
from data_platform.spec.product import Sla
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.target import Target

PUBLISH_REFUSED = "publish refused"
CONTRACT_REFUSED = "contract refused"
FRESHNESS_BROKEN = "freshness broken"
AVAILABILITY_BROKEN = "availability broken"
RULE_IN_ERROR = "rule in error: "


@dataclass(frozen=True, slots=True)
class Reach:
    """Who notices when an output goes wrong: products downstream with their distance, and who read it recently."""

    products: Mapping[str, int]
    readers: tuple[Reader, ...]

    @property
    def severity(self) -> str:
        """How grave that makes an incident."""
        return severity_of(len(self.products), len(self.readers))


def reach(conn: Connection, product: str, output: str, now: datetime) -> Reach:
    """Who would notice; the product's owner is no reader of their own."""
    known = products.find(conn, product)
    readers = usage.readers(conn, now - RECENTLY, product, output)
    others = tuple(reader for reader in readers if known is None or reader.principal != known.owner)
    return Reach(impact.downstream(impact.asking(conn), product, output), others)


def refused(mesh: Mesh, tx: Connection, target: Target, refusal: Refused) -> None:
    """Opens the incident of a refused publish, or counts it up, and one for each rule in error."""
    product, output = target.product.name, target.output.name
    causes = {PUBLISH_REFUSED: refusal.summary}
    if isinstance(refusal, DataQualityError):
        causes |= _in_error(refusal.verdict)
    _strike(mesh, tx, product, output, causes)


def contract_refused(mesh: Mesh, product: str, output: str, refusal: Refused) -> None:
    """Opens the incident of a publish whose changed product.yaml could not be registered, or counts it up."""
    with mesh.record.transaction() as tx:
        _strike(mesh, tx, product, output, {CONTRACT_REFUSED: refusal.summary})


def published(mesh: Mesh, tx: Connection, target: Target, verdict: Verdict, statistics: Mapping[str, Any]) -> None:
    """Ends what a good publish ends, and opens an incident for each rule that gave no verdict on it."""
    product, output, now = target.product.name, target.output.name, mesh.clock()
    in_error = _in_error(verdict)
    _strike(mesh, tx, product, output, in_error)
    over = {PUBLISH_REFUSED, CONTRACT_REFUSED}
    if is_fresh(target.output.sla, now, statistics, now):
        over.add(FRESHNESS_BROKEN)
    standing = {each.cause for each in incidents.history(tx, product, open_only=True, output=output)}
    ending = {
        cause for cause in standing if cause in over or (cause.startswith(RULE_IN_ERROR) and cause not in in_error)
    }
    if ending:
        incidents.resolve(tx, product, output, ending, now, mesh.principal.name, "a good publish")


def is_fresh(sla: Sla, published_at: datetime, statistics: Mapping[str, Any], now: datetime) -> bool:
    """Whether data published then keeps its promise now; what cannot be measured does not."""
    if sla.freshness is None:
        return True
    newest = newest_moment(sla, published_at, statistics)
    return newest is not None and now - min(newest, published_at) <= sla.freshness


def newest_moment(sla: Sla, published_at: datetime, statistics: Mapping[str, Any]) -> datetime | None:
    """The newest moment that a version's data tells of: of its declared column, else its publish."""
    if sla.freshness_column is None:
        return published_at
    return moment_of(statistics.get(sla.freshness_column, {}).get("max"), zone_of(sla.effective_timezone))


def _in_error(verdict: Verdict) -> dict[str, str]:
    return {RULE_IN_ERROR + each.rule.name: each.error for each in verdict.results if each.error is not None}


def _strike(mesh: Mesh, tx: Connection, product: str, output: str, causes: Mapping[str, str]) -> None:
    if not causes:
        return
    now, by = mesh.clock(), mesh.principal.name
    severity = reach(tx, product, output, now).severity
    for cause, summary in causes.items():
        incidents.raise_(tx, Stroke(product, output, cause, summary, severity), now, by)
