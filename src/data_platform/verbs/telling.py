"""What a verb did, told to the rest of the mesh: an event in the transaction of what it tells about."""

from __future__ import annotations

from sqlalchemy import Connection

from data_platform.record import events
from data_platform.record.events import Event
from data_platform.verbs.mesh import Mesh


def tell(mesh: Mesh, tx: Connection, product: str, kind: str) -> None:
    """Records that it happened to the product now, by the mesh's principal."""
    events.add(tx, Event(0, 0, product, kind, mesh.clock(), mesh.principal.name))
