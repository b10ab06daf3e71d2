"""What an output promises, in our words and in ODCS's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from data_platform.spec.product.loading import load_product
from data_platform.spec.product.model import Sla, SlaProperty
from tests.product_files import OUTPUT, problems_of, said, written


def sla_of(folder: Path, text: str) -> Sla:
    return load_product(written(folder, OUTPUT + text)).product.outputs[0].sla


def test_freshness_may_be_measured_on_a_column_in_a_time_zone(tmp_path: Path) -> None:
    sla = sla_of(tmp_path, "    sla: {freshness: 1 day, freshness_column: at, timezone: Europe/Zurich}\n")
    assert (sla.freshness_column, sla.timezone, sla.effective_timezone) == ("at", "Europe/Zurich", "Europe/Zurich")


def test_the_time_zone_is_utc_when_none_is_declared(tmp_path: Path) -> None:
    sla = sla_of(tmp_path, "    sla: {freshness: 1 day}\n")
    assert (sla.timezone, sla.effective_timezone) == (None, "UTC")


def test_other_promises_are_kept_as_they_are(tmp_path: Path) -> None:
    text = "    sla: {properties: [{property: retention, value: 3, unit: y, driver: regulatory}, {property: x}]}\n"
    assert sla_of(tmp_path, text).properties == (
        SlaProperty("retention", 3, "y", None, {"driver": "regulatory"}),
        SlaProperty("x"),
    )


def test_the_standards_list_is_the_same_promise(tmp_path: Path) -> None:
    theirs = """\
    slaProperties:
      - {property: latency, value: 4, unit: d, element: t.at}
      - {property: availability, value: 99.9, unit: percent}
      - {property: retention, value: 3, unit: y}
"""
    assert sla_of(tmp_path, theirs) == Sla(
        timedelta(days=4), 99.9, "4 days", "99.9%", "at", None, (SlaProperty("retention", 3, "y"),)
    )


@pytest.mark.parametrize("entry", ["{property: latency, value: 4, unit: m}", "{property: latency, value: soon}"])
def test_a_latency_whose_length_is_uncertain_is_kept_and_not_measured(tmp_path: Path, entry: str) -> None:
    sla = sla_of(tmp_path, f"    slaProperties: [{entry}]\n")
    assert sla.freshness is None
    assert [promise.property for promise in sla.properties] == ["latency"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "    sla: {timezone: Europe/Zurch}\n",
            ('6:21 `timezone` "Europe/Zurch" is unknown', "did you mean Europe/Zurich?"),
        ),
        (
            "    sla: {timezone: /etc/localtime}\n",
            ('6:21 `timezone` "/etc/localtime" is unknown', "write an IANA name, such as Europe/Zurich"),
        ),
        (
            "    sla: {properties: [retention]}\n",
            ('6:24 a promise must be a mapping, not the text "retention"', "write {property: NAME, value: VALUE}"),
        ),
        (
            "    sla: {properties: [{value: 3}]}\n",
            ("6:24 the promise has no `property`", "write for example `property: retention`"),
        ),
        (
            "    slaProperties: [{property: latency, value: 1, unit: day, element: u.at}]\n",
            ('6:21 `element` "u.at" is not of the output t', "write t.at"),
        ),
        (
            "    sla: {properties: [{property: p, value: [1]}]}\n",
            ("6:45 `value` must be text or a number, not a list or a mapping", None),
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, says: tuple[str, str | None]) -> None:
    assert [said(problem) for problem in problems_of(tmp_path, OUTPUT + text)] == [says]


@pytest.mark.parametrize(
    "text",
    [
        "    sla: {freshness: 1 day, freshness_column: ad}\n",
        "    slaProperties: [{property: latency, value: 1, unit: day, element: t.ad}]\n",
    ],
)
def test_the_column_must_be_one_of_the_outputs(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.json").write_text('{"type": "object", "properties": {"at": {"type": "string"}}}')
    (problem,) = problems_of(tmp_path, f"{OUTPUT}    schema: t.json\n{text}")
    assert 'names the column "ad", which t does not have' in problem.message
    assert problem.hint == "the columns are at"
