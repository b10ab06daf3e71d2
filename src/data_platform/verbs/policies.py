"""policies: what a policies file would mean for every product, the file made the one that holds, and its history."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection

from data_platform.errors import ContractMoved, NotFound, Refused, Violation
from data_platform.governance.policies import compile_policies, load
from data_platform.record import policies, products
from data_platform.record.policies import PolicyRevision
from data_platform.record.products import ProductRow
from data_platform.spec.policies import PolicyFile, read_policies
from data_platform.verbs import auditing, policy_incidents
from data_platform.verbs.auditing import POLICIES, Act
from data_platform.verbs.governing import AT_REST, Governed, InForce, Known, Shared, at_rest, in_force, judged
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.permission import permit
from data_platform.verbs.policy_incidents import Settled
from data_platform.verbs.request import Request
from data_platform.verbs.results import Affected, Applied, PolicyFileInfo, PolicyRevisionInfo, WhatIf

_TRIES = 3


@dataclass(frozen=True, slots=True)
class WhatIfPolicies(Request[WhatIf]):
    """What a policies file would change, if it were applied; nothing is written."""

    file: PolicyFile

    @classmethod
    def of(cls, file: str | Path | PolicyFile) -> WhatIfPolicies:
        """The request for a policies file, or what was loaded of it; raises InvalidSpec."""
        return cls(file if isinstance(file, PolicyFile) else load(file))


@dataclass(frozen=True, slots=True)
class ApplyPolicies(Request[Applied]):
    """Make a policies file the one that holds; `note` says why. The same text again changes nothing.

    `after` is the revision beside which the what-if was judged that somebody agreed to.
    """

    file: PolicyFile
    note: str | None = None
    after: int | None = None

    @classmethod
    def of(cls, file: str | Path | PolicyFile, note: str | None = None, after: int | None = None) -> ApplyPolicies:
        """The request for a policies file, or what was loaded of it; raises InvalidSpec."""
        return cls(file if isinstance(file, PolicyFile) else load(file), note, after)


@dataclass(frozen=True, slots=True)
class ShowPolicies(Request[PolicyFileInfo]):
    """The policies that hold, or those of a revision, as they were written."""

    revision: int | None = None


@dataclass(frozen=True, slots=True)
class PolicyHistory(Request[list[PolicyRevisionInfo]]):
    """Every revision, newest first."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """A product under the policies that hold, and under those that might."""

    row: ProductRow
    before: Governed
    after: Governed


def what_if_policies(mesh: Mesh, request: WhatIfPolicies) -> WhatIf:
    """Which products the file would newly block, warn and free; raises InvalidSpec for what it says wrong."""
    permit(mesh, "read", "policies")
    with mesh.record.reading() as conn:
        held = in_force(mesh, conn)
        return _what_if(request.file, held, _judged(mesh, conn, held, _ready(request.file, held)))


def apply_policies(mesh: Mesh, request: ApplyPolicies) -> Applied:
    """Judges every product, then makes the file the one that holds and settles incidents, in one transaction.

    Raises InvalidSpec for what the file says wrong, ContractMoved when somebody else applied policies meanwhile.
    """
    permit(mesh, "govern", "policies")
    with mesh.record.reading() as conn:
        held = in_force(mesh, conn)
        new = _ready(request.file, held)
        found = _judged(mesh, conn, held, new)
        current = policies.current(conn)
    if request.after is not None and request.after != held.revision:
        what = f"somebody else applied policies just now: revision {held.revision} holds, not {request.after}"
        raise ContractMoved(what, hint="look at what they mean, then apply again")
    what_if = _what_if(request.file, held, found)
    if current is not None and current.text == request.file.text:
        return Applied(held.revision, False, what_if, 0, 0)
    settled = _in_force(mesh, request, new, found)
    mesh.in_force = new
    return Applied(new.revision, True, what_if, len(settled.opened), len(settled.resolved))


class _Registered(Refused):
    """A product was registered while the policies were put in force: it was judged by those before."""


def _in_force(mesh: Mesh, request: ApplyPolicies, new: InForce, found: list[_Judged]) -> Settled:
    """Puts the file in force; a product that is registered at that very moment is judged once more."""
    for _ in range(_TRIES):
        with suppress(_Registered), mesh.record.transaction() as tx:
            return _put_in_force(mesh, tx, request, new, found)
    with mesh.record.transaction() as tx:
        return _put_in_force(mesh, tx, request, new, found)


def _put_in_force(mesh: Mesh, tx: Connection, request: ApplyPolicies, new: InForce, found: list[_Judged]) -> Settled:
    """The file, its incidents and its entry in the audit log, which has one writer at a time.

    Whoever registers from then on sees the new policies; raises _Registered for those who came just before.
    """
    policies.add(tx, _row(mesh, request, new.revision))
    revisions = products.newest_revisions(tx)
    settled = policy_incidents.settle(mesh, tx, _as_registered(mesh, tx, new, found))
    digest = sha256(request.file.text.encode()).hexdigest()
    told = {"file": _name(request.file), "note": request.note, "policies": _count(request.file), "sha256": digest}
    auditing.record(mesh, tx, Act.POLICY, POLICIES, revision=new.revision, **told)
    if products.newest_revisions(tx) != revisions:
        raise _Registered("products were registered while the policies were applied", hint="apply them again")
    return settled


def show_policies(mesh: Mesh, request: ShowPolicies) -> PolicyFileInfo:
    """The file as it was applied; raises NotFound."""
    permit(mesh, "read", "policies")
    with mesh.record.reading() as conn:
        wanted = request.revision
        row = policies.current(conn) if wanted is None else policies.find(conn, wanted)
        newest = policies.revision(conn)
    if row is None and newest == 0:
        raise NotFound("no policies were applied yet", hint="data-platform policies apply FILE")
    if row is None:
        raise NotFound(f"there is no revision {wanted} of the policies", hint=f"the newest is {newest}")
    return PolicyFileInfo(_info(row), row.text, _count(read_policies(row.text, row.file)))


def policy_history(mesh: Mesh, request: PolicyHistory) -> list[PolicyRevisionInfo]:
    """Who applied what when, and why."""
    permit(mesh, "read", "policies")
    with mesh.record.reading() as conn:
        return [_info(row) for row in policies.history(conn)]


def _ready(file: PolicyFile, held: InForce) -> InForce:
    return InForce(held.revision + 1, compile_policies(file.set, file.origin))


def _judged(mesh: Mesh, conn: Connection, held: InForce, new: InForce) -> list[_Judged]:
    found = []
    before, after = Known(shared=Shared.of(conn, held)), Known(shared=Shared.of(conn, new))
    for row in products.all(conn):
        contract = at_rest(conn, row.spec)
        was = judged(mesh, conn, held, contract, before, AT_REST)
        found.append(_Judged(row, was, judged(mesh, conn, new, contract, after, AT_REST)))
    return found


def _as_registered(mesh: Mesh, tx: Connection, new: InForce, found: list[_Judged]) -> list[tuple[str, Governed]]:
    """What was judged; a product that somebody registered meanwhile is judged as it is now."""
    known = {(each.row.name, each.row.revision): each.after for each in found}
    return [
        (
            row.name,
            known.get((row.name, row.revision)) or judged(mesh, tx, new, at_rest(tx, row.spec), Known(), AT_REST),
        )
        for row in products.all(tx)
    ]


def _what_if(file: PolicyFile, held: InForce, found: list[_Judged]) -> WhatIf:
    blocked, warned, freed = [], [], []
    for each in found:
        before, after = _blocking(each.before), _blocking(each.after)
        if after and not before:
            blocked.append(_affected(each.row, after))
        elif before and not after:
            freed.append(_affected(each.row, before))
        elif new := [it for it in each.after.violations if not it.blocks and it not in each.before.violations]:
            warned.append(_affected(each.row, new))
    doubts = tuple(map(str, file.warnings))
    return WhatIf(_name(file), held.revision, len(found), tuple(blocked), tuple(warned), tuple(freed), doubts)


def _blocking(governed: Governed) -> list[Violation]:
    return [each for each in governed.violations if each.blocks]


def _affected(row: ProductRow, violations: list[Violation]) -> Affected:
    return Affected(row.name, row.domain, row.owner, tuple(violations))


def _row(mesh: Mesh, request: ApplyPolicies, revision: int) -> PolicyRevision:
    file = request.file
    return PolicyRevision(revision, file.text, _name(file), request.note, mesh.clock(), mesh.principal.name)


def _name(file: PolicyFile) -> str:
    """The file's name, without the folders of the machine that it lies on."""
    return Path(file.origin).name


def _count(file: PolicyFile) -> int:
    return sum(1 for _ in file.set)


def _info(row: PolicyRevision) -> PolicyRevisionInfo:
    return PolicyRevisionInfo(row.revision, row.applied_at, row.applied_by, row.file, row.note)
