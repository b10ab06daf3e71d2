"""Views of product pages are counted once an hour for each principal, and no page waits for the record."""

from __future__ import annotations

from data_platform.server.page_views import PageViews
from tests.meshes import IDS, ROWS, World


def count(world: World) -> int:
    return world.platform.show("orders").usage_stats.page_views


def test_a_principal_counts_once_an_hour_and_reads_count_apart(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    views = PageViews()
    for principal in ("ana@x", "bea@x", "ana@x"):
        world.become(principal)
        views.note(world.context, "orders")
    views.finish()
    assert count(world) == 2
    assert world.platform.show("orders").usage_stats.views == 0
    PageViews().note(world.context, "orders")
    views.note(world.context, "orders")
    world.clock.later(hours=1)
    views.note(world.context, "orders")
    views.finish()
    assert count(world) == 3


def test_a_view_of_a_product_that_is_gone_is_left_out(world: World) -> None:
    views = PageViews()
    views.note(world.context, "nothing")
    views.finish()


def test_a_page_does_not_wait_while_the_record_is_written(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    views = PageViews()
    with world.mesh.record.transaction() as tx:
        tx.exec_driver_sql("UPDATE products SET status = status")
        views.note(world.context, "orders")
    views.finish()
    assert count(world) == 1
