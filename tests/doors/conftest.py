"""One mesh for all doors: nothing of what they are asked changes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doors.mesh import Doors, open_doors


@pytest.fixture(scope="session")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """The mesh and its server."""
    with open_doors(tmp_path_factory.mktemp("doors")) as opened:
        yield opened
