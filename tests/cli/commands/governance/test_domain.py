from __future__ import annotations

import pytest

from data_platform.cli.commands.governance import domain
from data_platform.cli.console.console import stdout_console
from data_platform.cli.views.domain_status import draw_domain
from data_platform.verbs.results import DomainInfo, DomainUsage
from tests.meshes import IDS, ROWS, World


def test_a_domain_is_shown_with_what_it_uses_of_its_quotas(capsys: pytest.CaptureFixture[str]) -> None:
    usage = DomainUsage(81_300_000_000, 1, 212.4, 100_000_000_000, 4, 600)
    domain._print_domain(DomainInfo("sales", None, None, (), 3, usage), as_json=False)
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "stored         81.3 GB of 100.0 GB",
        "publishes      1 of 4",
        "queries        212 s of 600 s in the last hour",
    ]


def test_the_status_of_a_domain_has_a_line_for_each_product(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.product("orders", IDS, output="sla: {freshness: 1 hour}\nprimary_key: id").publish("t", ROWS)
    world.product("bare").register()
    draw_domain(stdout_console(), world.platform.domain_status("sales"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["sales", "no", "owner"]
    assert "0 of 2 products are ready for production; 0 readers" in lines
    (bare, orders) = lines[-2:]
    assert bare.split()[:2] == ["bare", "unknown"]
    assert orders.split()[:3] == ["orders", "good", "100"] and "100.0%" in orders
