"""Whether the newest version of each output is whole on disk: metadata is read, of data the size is compared."""

from __future__ import annotations

import time
from dataclasses import dataclass

from data_platform.record import versions
from data_platform.tables.rebuild import find_damage
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.permission import permit
from data_platform.verbs.repair import damaged_files, recorded
from data_platform.verbs.request import Request
from data_platform.verbs.results import DamagedFile, Examined


@dataclass(frozen=True, slots=True)
class Examine(Request[Examined]):
    """Look at the newest versions, for so many seconds at most."""

    seconds: float = 60.0


def examine(mesh: Mesh, request: Examine) -> Examined:
    """What is damaged, and how many outputs were looked at of how many; which come first changes with the time."""
    permit(mesh, "operate", "mesh")
    with mesh.record.reading() as conn:
        newest = versions.newest(conn)
    start = int(mesh.clock().timestamp() // 60 * 997) % len(newest) if newest else 0
    deadline = time.monotonic() + request.seconds
    damaged: list[DamagedFile] = []
    looked = 0
    for row in newest[start:] + newest[:start]:
        if looked and time.monotonic() > deadline:
            break
        looked += 1
        damaged += damaged_files(row, find_damage(mesh.place(row.product, row.output), recorded(row)))
    return Examined(looked, len(newest), tuple(damaged))
