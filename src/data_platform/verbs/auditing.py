"""What a verb did, as the audit log keeps it: an entry in the transaction of the act, and the last thing it writes.

    with mesh.record.transaction() as tx:
        policies.apply(tx, …)
        auditing.record(mesh, tx, Act.POLICY, POLICIES, revision=7, file="policies.yaml")

Details are small: numbers, names, counts. Never values of the data, texts of queries, or secrets.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from data_platform.record import audit_log
from data_platform.record.audit_entry import Act, Deed
from data_platform.settings.identity import machine
from data_platform.verbs.mesh import Mesh

__all__ = ["MESH", "POLICIES", "Act", "record"]

MESH = "mesh:"
POLICIES = "mesh:policies"
"""Subjects that are no product: a colon is in no name."""


def record(mesh: Mesh, tx: Connection, act: Act, subject: str, /, **details: Any) -> int:
    """Records an act in the caller's transaction, and returns the number of its entry.

    `subject` is a product, `product.output`, or `KIND:NAME`. Details may be text, numbers, moments, enums, and lists
    and mappings of those; None is left out. Raises TypeError for anything else.
    """
    here, who = machine(), mesh.principal
    told = {name: value for name, value in details.items() if value is not None}
    deed = Deed(mesh.clock(), who.name, who.verified, act, subject, mesh.door, here.host, here.user, told)
    return audit_log.append(tx, deed)
