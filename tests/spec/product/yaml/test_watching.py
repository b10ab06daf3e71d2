"""`alerts` and `oncall` as people write them, and what is wrong with them."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from data_platform.errors import InvalidSpec
from data_platform.spec.product.loading import load_product
from data_platform.spec.product.model import Product
from data_platform.spec.product.watching import AlertSeverity, AlertTerms, QuietHours, WeeklyHandover

BASE = "name: orders\ndomain: sales\nowner: ana@x\noutputs: [{name: t}]\n"


def load(folder: Path, more: str) -> Product:
    file = folder / "product.yaml"
    file.write_text(BASE + more)
    return load_product(file).contract.product


def test_a_channel_is_a_name_or_has_terms(tmp_path: Path) -> None:
    quiet = '{from: "22:00", until: "07:00", timezone: Europe/Berlin}'
    product = load(tmp_path, f"alerts: [mail, {{channel: slack, severity: high, quiet_hours: {quiet}}}]\n")
    assert product.alerts == ("mail", "slack")
    assert product.alert_terms == {
        "slack": AlertTerms(AlertSeverity.HIGH, QuietHours(time(22), time(7), "Europe/Berlin"))
    }


def test_people_on_call_are_a_name_a_list_or_a_rotation(tmp_path: Path) -> None:
    assert load(tmp_path, "oncall: ann@x\n").oncall == ("ann@x",)
    product = load(
        tmp_path,
        'oncall: {rotation: [ann@x, bob@x], starts: 2026-01-05, handover: "09:00", timezone: Europe/Berlin}\n',
    )
    assert product.oncall == ("ann@x", "bob@x")
    assert product.handover == WeeklyHandover(date(2026, 1, 5), time(9), "Europe/Berlin")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("alerts: [{severity: high}]", "an entry of `alerts` has no `channel`"),
        ("alerts: [{channel: a, severity: grave}]", '`severity` cannot be "grave"'),
        (
            'alerts: [{channel: a, quiet_hours: {from: "25:00", until: "07:00"}}]',
            '`from` "25:00" is no time of the day',
        ),
        ('alerts: [{channel: a, quiet_hours: {from: "07:00", until: "07:00"}}]', "end when they begin"),
        ('alerts: [{channel: a, quiet_hours: {from: "07:00"}}]', "`quiet_hours` has no `until`"),
        ("oncall: {starts: 2026-01-05}", "`oncall` has no `rotation`"),
        ("oncall: {rotation: [a@x], starts: soon}", '`starts` must be a day, not the text "soon"'),
        ("oncall: {rotation: [a@x], timezone: Europe/Berln}", '`timezone` "Europe/Berln" is unknown'),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, more: str, message: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        load(tmp_path, more + "\n")
    assert any(message in problem.message and problem.line == 5 for problem in refused.value.problems)
