"""publish: what the data that it is handed means for the data that is there, and for whoever handed it in."""

from __future__ import annotations

import duckdb
import pytest

from data_platform.errors import SchemaMismatch
from tests.meshes import IDS, World


def test_a_refusal_leaves_the_connection_that_it_was_handed_usable(world: World) -> None:
    product = world.product(columns=IDS)
    with duckdb.connect() as connection:
        for wrong in ("'infinity'::DATE AS id", "'x' AS id", "1 AS other", "'1'::BIT AS id"):
            with pytest.raises(SchemaMismatch):
                product.publish("t", connection.sql(f"SELECT {wrong}"))
            assert connection.sql("SELECT 1").fetchall() == [(1,)]
        assert product.publish("t", connection.sql("SELECT 7::BIGINT AS id")).rows == 1
        assert connection.sql("SELECT 1").fetchall() == [(1,)]
