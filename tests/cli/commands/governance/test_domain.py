from __future__ import annotations

import pytest

from data_platform.cli.commands.governance import domain
from data_platform.verbs.results import DomainInfo, DomainUsage


def test_a_domain_is_shown_with_what_it_uses_of_its_quotas(capsys: pytest.CaptureFixture[str]) -> None:
    usage = DomainUsage(81_300_000_000, 1, 212.4, 100_000_000_000, 4, 600)
    domain._print_domain(DomainInfo("sales", None, None, (), 3, usage), as_json=False)
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "stored         81.3 GB of 100.0 GB",
        "publishes      1 of 4",
        "queries        212 s of 600 s in the last hour",
    ]
