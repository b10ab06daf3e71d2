"""A product that is hidden from a caller answers at every door as a name that nobody has registered."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from data_platform import DataProduct, DataQualityError
from data_platform.errors import DataPlatformError
from data_platform.record.operations import incidents
from data_platform.record.operations.incidents import IncidentCause
from tests.doors.mesh import HIDDEN, OUTSIDERS, Doors, open_doors
from tests.doors.test_hostile import send
from tests.meshes import json_schema
from tests.verbs.lineage.events import make_event

ABSENT = "absent"
FORMS = {
    "a product": "{}",
    "a product in quotes": '"{}"',
    "an output": '"{}-tbl"',
    "both": '"{}"."{}-tbl"',
    "both in one pair of quotes": '"{}.{}-tbl"',
    "a former name": '"{}-before"',
    "a former name and an output": '"{}-before"."{}-tbl"',
    "a major": '"{}@1"',
    "a version": '"{}#2"',
    "a moment": '"{}@2026-01-31"',
    "a major of an output": '"{}"."{}-tbl@2"',
    "a version of an output": '"{}-tbl#1"',
    "without quotes": "{}@2",
    "a version without quotes": "{}#2",
    "an output without quotes": "{}.x-y@2",
}


def compare(doors: Doors, ask: Callable[[Doors, str], object]) -> None:
    """Asks for the hidden product and for an absent one: the answers differ in nothing but the name."""
    answers = []
    for name in (HIDDEN, ABSENT):
        try:
            answer = repr(ask(doors, name))
        except DataPlatformError as error:
            answer = f"{type(error).__name__}: {error.message} → {error.hint}"
        answers.append(answer.replace(name, "NAME"))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("who", OUTSIDERS)
def test_a_query_says_nothing_of_a_hidden_product(doors: Doors, form: str, who: str) -> None:
    compare(doors, lambda doors, name: doors.connect(who).sql("SELECT * FROM " + FORMS[form].replace("{}", name)))


def test_an_output_of_a_hidden_product_stands_in_nobodys_way(doors: Doors) -> None:
    with doors.connect("consumer").sql("SELECT id FROM roles") as rows:
        assert rows.to_arrow().num_rows


@pytest.mark.parametrize("name", ["{}.{}-tbl", "{}-before.{}-tbl", "{}.roles"])
def test_an_event_of_lineage_says_nothing_of_a_hidden_output(doors: Doors, name: str) -> None:
    def send_event(doors: Doors, product: str) -> object:
        return doors.connect("other-owner").receive_lineage(
            [make_event(("data-platform", name.replace("{}", product)))]
        )

    compare(doors, send_event)


def test_an_event_of_lineage_says_nothing_of_the_folder_of_a_hidden_output(doors: Doors) -> None:
    place = doors.mesh.home.path / "tables" / f"{HIDDEN}-before" / f"{HIDDEN}-tbl"
    assert place.is_dir()

    def send_event(doors: Doors, product: str) -> object:
        event = make_event(("file", str(place).replace(HIDDEN, product)))
        return doors.connect("other-owner").receive_lineage([event])

    compare(doors, send_event)


def test_a_publish_names_no_hidden_consumer(tmp_path: Path) -> None:
    with open_doors(tmp_path) as doors:
        for mesh in (doors.act_as("other-owner"), doors.connect("other-owner")):
            done = DataProduct(tmp_path / "supplier", mesh).publish("t", [{"id": -1}])
            assert done.quality.outcome == "passed"
            assert not {HIDDEN, "secret-rule"} & set(re.findall(r"[\w-]+", f"{done.quality} {done.warnings}"))
        (tmp_path / "policies.yaml").write_text("policies: [{name: consumer-expectations, enforcement: blocking}]")
        doors.act_as("governor").apply_policies(tmp_path / "policies.yaml")
        for mesh in (doors.act_as("other-owner"), doors.connect("other-owner")):
            with pytest.raises(DataQualityError) as raised:
                DataProduct(tmp_path / "supplier", mesh).publish("t", [{"id": -1}])
            text = f"{raised.value.message} {raised.value.failures}"
            assert "a product that is hidden" in text
            assert HIDDEN not in text and "secret-rule" not in text
        incidents = doors.connect("other-owner").incidents("supplier")
        assert incidents and HIDDEN not in repr(incidents)
        shown = doors.act_as("governor").quality_metrics("supplier")
        assert f"{HIDDEN}: secret-rule" in [rule.rule for rule in shown.rules]


def test_an_error_in_the_rule_of_a_hidden_consumer_does_not_name_it(tmp_path: Path) -> None:
    with open_doors(tmp_path) as doors:
        summary = "a value could not be converted"
        cause = IncidentCause("supplier", "t", f"rule in error: {HIDDEN}: secret-rule", summary)
        with doors.mesh.record.transaction() as tx:  # earlier releases opened such incidents
            incidents.record_occurrence(tx, cause, doors.clock(), "other-owner")
        owner, consumer = doors.connect("other-owner"), doors.connect("consumer")
        (incident,) = owner.incidents("supplier")
        assert incident.cause == "rule in error"
        answers = [
            owner.acknowledge_incident(incident.id),
            owner.incident(incident.id),
            consumer.incident(incident.id),
            consumer.incidents("supplier"),
            consumer.quality_metrics("supplier"),
        ]
        assert not {HIDDEN, "secret-rule"} & set(re.findall(r"[\w-]+", str(answers)))
        assert doors.act_as("governor").incident(incident.id).incident.cause == f"rule in error: {HIDDEN}: secret-rule"


def test_domains_say_nothing_of_hidden_products(doors: Doors) -> None:
    for who in ("consumer", "other-owner"):
        domains = {domain.name: domain for domain in doors.connect(who).domains()}
        assert f"{HIDDEN}-domain" not in domains
        assert domains["sales"].usage is None
        compare(doors, lambda doors, name: doors.connect("consumer").domains(f"{name}-domain"))
    domains = {domain.name: domain for domain in doors.connect("governor").domains()}
    assert domains[f"{HIDDEN}-domain"].usage is not None


EXPECTS = ", expectations: {columns: [id], rules: [{rule: r, metric: rowCount, mustBe: 1}]}"
INPUTS = ["{}, output: {}-tbl", "{}, output: zzz", "{}-before, output: {}-tbl", "{}, output: {}-tbl@2"]


@pytest.mark.parametrize("needed", INPUTS)
@pytest.mark.parametrize("rules", ["", EXPECTS])
def test_an_input_says_nothing_of_a_hidden_product(doors: Doors, tmp_path: Path, needed: str, rules: str) -> None:
    (tmp_path / "t.json").write_text(json_schema({"id": {"type": "integer"}}))

    def show_difference(doors: Doors, name: str) -> object:
        (tmp_path / "product.yaml").write_text(
            "name: reader\nowner: crm\ndomain: crm\noutputs:\n- name: t\n  schema: t.json\n"
            f"inputs:\n- {{data_product: {needed.replace('{}', name)}{rules}}}\n"
        )
        return doors.connect("other-owner").diff(tmp_path)

    compare(doors, show_difference)


@pytest.mark.parametrize("origin", ["{}.{}-tbl", "{}.{}-tbl#1", "{}.{}-tbl#9", "{}.zzz", "{}-before.{}-tbl"])
def test_an_origin_of_a_publish_says_nothing_of_a_hidden_product(doors: Doors, origin: str) -> None:
    def publish(doors: Doors, name: str) -> object:
        product = DataProduct(doors.folder / "supplier", doors.connect("other-owner"))
        return product.publish("t", [{"id": 1}], lineage=[origin.replace("{}", name)])

    compare(doors, publish)


BODIES: dict[str, tuple[str, str, dict[str, object] | None]] = {
    "anonymisations": ("GET", "/anonymisations?product={}", None),
    "attestations": ("GET", "/attestations?product={}", None),
    "waivers": ("GET", "/waivers?product={}", None),
    "incidents": ("GET", "/incidents?product={}", None),
    "an unsubscription": ("DELETE", "/products/{}/subscription", None),
    "an acknowledgement": (
        "POST",
        "/products/{}/subscription/acknowledgement",
        {"until": "2026-11-23T12:00:00Z"},
    ),
    "retire": ("DELETE", "/products/{}", None),
    "retire an output": ("DELETE", "/products/{}/outputs/{}-tbl", None),
    "rename": ("POST", "/products/{}/name", {"new": "other"}),
    "acceptance": ("POST", "/products/{}/transfer/acceptance", {}),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("who", OUTSIDERS)
@pytest.mark.parametrize("suffix", ["", "-before"])
def test_no_act_says_anything_of_a_hidden_product(doors: Doors, name: str, who: str, suffix: str) -> None:
    method, path, body = BODIES[name]

    def ask(doors: Doors, product: str) -> object:
        options = {} if body is None else {"json": body}
        answer = send(doors, who, method, "/api/v1" + path.replace("{}", product + suffix), **options)
        return answer.status_code, {key: value for key, value in answer.json().items() if key != "request_id"}

    compare(doors, ask)
