from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import neighbours


@pytest.mark.long
def test_a_domain_far_over_its_quota_does_not_slow_the_publishes_of_another(tmp_path: Path) -> None:
    tries = []
    for number in range(3):  # a machine that does other work may spoil one
        folder = tmp_path / str(number)
        folder.mkdir()
        tries += neighbours.figures(folder, rounds=6, publishes=6)
        if tries[-1].kept:
            return
    pytest.fail("\n".join(figure.row() for figure in tries))
