"""The blast radius of an incident: the products made of an output, and its readers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from data_platform.quality.severity import RECENTLY, assess_severity
from data_platform.record.access import requests
from data_platform.record.catalog import outputs
from data_platform.record.lineage import impact
from data_platform.record.operations import usage
from data_platform.record.operations.incidents import Incident
from data_platform.record.operations.usage import Reader
from data_platform.verbs.core.authorization.authorize import find_hiding_products
from data_platform.verbs.core.authorization.reader_names import ReaderNames
from data_platform.verbs.core.authorization.visible_part import VisiblePart
from data_platform.verbs.core.lookup.input_resolution import InputResolver
from data_platform.verbs.core.lookup.resolve import OutputLabels
from data_platform.verbs.incidents.causes import describe_cause
from data_platform.verbs.results import AffectedProduct, IncidentInfo
from data_platform.verbs.results.incidents import WHOLE


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """Whom a faulty output affects: products downstream with their distance, and recent readers."""

    products: Mapping[str, int]
    readers: tuple[Reader, ...]

    @property
    def severity(self) -> str:
        """The severity of an incident with this blast radius.

        Everybody sees it, so its radius ends before the products that hide themselves (`find_hiding_products`).
        """
        return assess_severity(len(self.products), len(self.readers))


def find_severity(conn: Connection, product: str, output: str, now: datetime) -> str:
    """The severity of an incident of the output."""
    return find_blast_radius(conn, product, output, now, find_hiding_products(conn)).severity


def find_blast_radius(
    conn: Connection, product: str, output: str, now: datetime, hidden: Collection[str] = ()
) -> BlastRadius:
    """Whom a fault of the output would affect, without the products `hidden` and what is reached through them alone.

    The product's owner does not count as a reader.
    """
    owner = impact.find_responsible(conn, [product]).get(product)
    readers = usage.list_readers(conn, now - RECENTLY, product, None if output == WHOLE else output)
    others = tuple(reader for reader in readers if owner is None or reader.principal != owner.owner)
    return BlastRadius(_walk(conn, impact.query_ways(conn), product, output, hidden), others)


def find_losers(conn: Connection, product: str, output: str, hiding: Collection[str]) -> Mapping[str, int]:
    """The products that lose data by a fault of the output, with their distance.

    Everybody may declare an input. So one that only says that it reads a product of `hiding` is not reached from there:
    one whose data was made of it is.
    """
    return _walk(conn, impact.query_ways(conn, hiding), product, output)


def _walk(
    conn: Connection, ways: impact.Ways, product: str, output: str, hidden: Collection[str] = ()
) -> Mapping[str, int]:
    resolved = InputResolver(conn).resolve_edges(ways)
    names = [row.name for row in outputs.list_by_product(conn, product)] if output == WHOLE else [output]
    reached = [impact.walk_downstream(resolved, product, name, hidden) for name in names]
    return {
        name: min(distances[name] for distances in reached if name in distances)
        for distances in reached
        for name in distances
    }


def list_affected_products(conn: Connection, reached: BlastRadius) -> tuple[AffectedProduct, ...]:
    """The products reached, the nearest first."""
    owners = impact.find_responsible(conn, reached.products)
    nearest = sorted(reached.products.items(), key=lambda item: (item[1], item[0]))
    return tuple(
        AffectedProduct(name, whose.domain if whose else None, whose.owner if whose else None, distance)
        for name, distance in nearest
        for whose in [owners.get(name)]
    )


def build_incident_info(row: Incident, labels: OutputLabels, names: ReaderNames | None = None) -> IncidentInfo:
    """The incident as verbs return it, under the label of its output; `names` hides who broke the glass, and why."""
    facts = {name: getattr(row, name) for name in Incident.__dataclass_fields__}
    if names is not None and hides_emergency(row, names):
        facts["summary"] = "a reader broke the glass"
    return IncidentInfo(**facts | {"output": labels.label(row.product, row.output), "title": describe_cause(row.cause)})


def hide_incident_texts(info: IncidentInfo, part: VisiblePart) -> IncidentInfo:
    """The incident without the rule of a product that is not found, and with its cause in place of a summary that names
    such a product.
    """
    cause = cut_cause(info.cause, part.hidden)
    summary = cause if part.names_hidden(info.summary) else info.summary
    return replace(info, cause=cause, summary=summary, title=describe_cause(cause))


def cut_cause(cause: str, hidden: Collection[str]) -> str:
    """The cause without the rule that a product of `hidden` expects, as in `rule in error: CONSUMER: RULE`."""
    kind, _, rule = cause.partition(": ")
    consumer, colon, _ = rule.partition(": ")
    return kind if colon and consumer in hidden else cause


def hides_emergency(row: Incident, names: ReaderNames) -> bool:
    """Whether the caller may not see who took access in the emergency that an incident is about, and why."""
    return requests.is_glass_cause(row.cause) and not names.oversees(row.product)
