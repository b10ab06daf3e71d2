"""Incidents of policies: one for each product and policy, open while the policy is not kept.

What is waived has no incident: somebody decided so. A warning is of low severity, what blocks is high.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from data_platform.errors import Violation
from data_platform.governance.facts import Need
from data_platform.record import incidents, policies, products, waivers
from data_platform.record.audit_trail import broken_trails
from data_platform.record.incidents import Incident, Stroke
from data_platform.record.products import ProductRow
from data_platform.verbs.governing import AT_REST, Governed, InForce, Known, at_rest, in_force, judged
from data_platform.verbs.mesh import Mesh

WHOLE = "*"
"""Where an incident names its output: a policy binds the product as a whole."""

CAUSE = "policy "
_SEVERITY = {"blocking": "high", "warning": "low"}
_DRIFTING = frozenset([Need.TIME, Need.CONSUMERS, Need.AUDIT_TRAIL])
"""What changes while nobody registers or publishes."""

_BATCH = 200
"""Products a transaction: whoever publishes meanwhile waits for a few milliseconds."""


@dataclass
class Settled:
    """The incidents that were opened, resolved and made graver."""

    opened: list[Incident] = field(default_factory=list)
    resolved: list[Incident] = field(default_factory=list)
    grown: list[Incident] = field(default_factory=list)

    def add(self, other: Settled) -> None:
        """Joins what another round did."""
        self.opened += other.opened
        self.resolved += other.resolved
        self.grown += other.grown


def settle(mesh: Mesh, tx: Connection, found: Iterable[tuple[str, Governed]]) -> Settled:
    """Makes the open incidents of these products say what was found; what was not judged stays as it is."""
    now, by, done = mesh.clock(), mesh.principal.name, Settled()
    strokes: list[Stroke] = []
    over: list[int] = []
    found = [(product, governed) for product, governed in found if governed.revision]
    standing = _standing(tx, [product for product, _ in found])
    for product, governed in found:
        broken = {CAUSE + policy: each for policy, each in _broken(governed.violations).items()}
        kept = {CAUSE + policy for policy in governed.unjudged}
        known = standing[product]
        over += [each.id for cause, each in known.items() if cause not in broken and cause not in kept]
        for cause, each in broken.items():
            stroke = Stroke(product, WHOLE, cause, _summary(each), _SEVERITY[each[0].enforcement])
            if cause not in known:
                strokes.append(stroke)
            elif incidents.is_graver(stroke.severity, known[cause].severity):
                done.grown += filter(None, [incidents.grow(tx, known[cause].id, stroke.severity or "low", now, by)])
    done.opened += incidents.hold(tx, strokes, now, by)
    done.resolved += incidents.resolve_these(tx, over, now, by, "the policy is kept, waived, or gone") if over else ()
    return done


def _standing(tx: Connection, products: Sequence[str]) -> Mapping[str, dict[str, Incident]]:
    """The open incidents of policies by product and cause, asked for at once where there are many products."""
    found = defaultdict[str, dict[str, Incident]](dict)
    if products:
        one = products[0] if len(products) == 1 else None
        for each in incidents.history(tx, one, open_only=True, output=WHOLE):
            if each.cause.startswith(CAUSE):
                found[each.product][each.cause] = each
    return found


def judge_again(mesh: Mesh) -> Settled:
    """Judges every product whose verdict time, readers or the audit log may have changed, and settles incidents."""
    done = Settled()
    with mesh.record.reading() as conn:
        held = in_force(mesh, conn)
        if not held.revision:
            return done
        waived = {each.product for each in waivers.history(conn)}
        drifting = [row for row in products.all(conn) if row.name in waived or _drifts(held, row.domain)]
        known = at_rest_known(conn, held)
        found = [(row, at_rest_judged(mesh, conn, held, row, known)) for row in drifting]
    for at in range(0, len(found), _BATCH):
        with mesh.record.transaction() as tx:
            done.add(settle(mesh, tx, _unchanged(tx, held, found[at : at + _BATCH])))
    return done


def at_rest_known(conn: Connection, held: InForce) -> Known:
    """What is asked for once where many products are judged."""
    return Known(broken_trails=broken_trails(conn)) if Need.AUDIT_TRAIL in held.compiled.needs else Known()


def at_rest_judged(
    mesh: Mesh, conn: Connection, held: InForce, row: ProductRow, known: Known | None = None
) -> Governed:
    """What the policies say of a product as it stands."""
    return judged(mesh, conn, held, at_rest(conn, row.spec), known or Known(), AT_REST)


def settle_again(mesh: Mesh, tx: Connection, product: str) -> None:
    """Judges one product again, after an exception of it was given or taken away."""
    row = products.find(tx, product)
    if row is not None:
        settle(mesh, tx, [(product, at_rest_judged(mesh, tx, in_force(mesh, tx), row))])


def _unchanged(
    tx: Connection, held: InForce, found: Sequence[tuple[ProductRow, Governed]]
) -> Iterator[tuple[str, Governed]]:
    """What was judged, unless somebody registered or applied policies meanwhile, and so judged anew."""
    if policies.revision(tx) != held.revision:
        return
    for row, governed in found:
        now = products.find(tx, row.name)
        if now is not None and now.revision == row.revision:
            yield row.name, governed


def _drifts(held: InForce, domain: str) -> bool:
    return any(policy.needs & _DRIFTING for policy in held.of(domain, AT_REST))


def _broken(violations: Iterable[Violation]) -> dict[str, list[Violation]]:
    """What is not kept and not waived, by policy; what blocks first."""
    found = defaultdict[str, list[Violation]](list)
    for each in sorted(violations, key=lambda violation: not violation.blocks):
        if each.waived_until is None:
            found[each.policy].append(each)
    return found


def _summary(violations: Sequence[Violation]) -> str:
    first, more = violations[0], len(violations) - 1
    return f"{first.subject}: {first.reason}" + (f" (and {more} more)" if more else "")
