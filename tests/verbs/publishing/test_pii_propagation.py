"""Personal data stays so under whatever name, until it is hashed, counted or summed up."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from data_platform.functions import avg, col, collect_list, concat, count, lit, md5, upper
from data_platform.functions import max as max_
from tests.meshes import World

INPUT = "inputs: [{data_product: customers, output: t}]"
PEOPLE = [{"id": 1, "email": "a@x", "born": 1970}, {"id": 2, "email": "b@x", "born": 1980}]


@pytest.fixture
def people(world: World) -> World:
    """customers, whose email and year of birth are personal."""
    world.product("customers", more="pii_columns: [email, born]").publish("t", PEOPLE)
    return world


def protected(world: World, product: str = "copy") -> list[str]:
    (output,) = world.platform.show(product).outputs
    return [column.name for column in output.columns if "pii" in column.tags and column.encryption == "aes-256-gcm"]


def test_values_stay_protected_under_new_names_and_through_functions(people: World) -> None:
    copy = people.product("copy")
    frame = copy.consume("customers", "t")
    copy.publish(
        "t",
        frame.select(
            "id",
            col("email").alias("contact"),
            upper(concat(lit("<"), "email")).alias("shown"),
            md5(col("email")).alias("key"),
            col("email").isNull().alias("missing"),
        ),
    )
    assert protected(people) == ["contact", "shown"]


def test_statistics_set_free_and_what_hands_on_a_rows_own_value_does_not(people: World) -> None:
    copy = people.product("copy")
    frame = copy.consume("customers", "t")
    copy.publish(
        "t",
        frame.groupBy("id").agg(
            avg("born").alias("mean"),
            count("email").alias("n"),
            max_("email").alias("last"),
            collect_list("email").alias("all"),
        ),
    )
    assert protected(people) == ["last", "all"]


def test_from_product_to_product(people: World) -> None:
    for name, source in (("copy", "customers"), ("second", "copy")):
        product = people.product(name)
        frame = product.consume(source, "t")
        product.publish("t", frame.withColumnsRenamed({each: f"{each}_" for each in frame.columns}))
    assert protected(people, "second") == ["email__", "born__"]


def test_a_masked_frame_is_free(people: World) -> None:
    copy = people.product("copy")
    copy.publish("t", copy.consume("customers", "t", mask=True).select(col("email").alias("stars")))
    assert protected(people) == []


@pytest.mark.parametrize("lineage", [["customers.t"], ["customers.t#1"]])
def test_of_rows_that_came_by_hand_the_names_speak(people: World, lineage: Sequence[str]) -> None:
    people.product("copy").publish("t", PEOPLE, lineage=lineage)
    assert protected(people) == ["email", "born"]


def test_lineage_by_hand_frees_no_frame(people: World) -> None:
    people.product("orders").publish("t", [{"id": 1}])
    copy = people.product("copy")
    copy.publish("t", copy.consume("customers", "t").select(col("email").alias("contact")), lineage=["orders.t"])
    assert protected(people) == ["contact"]


def test_a_written_schema_that_leaves_it_unprotected_is_told(people: World) -> None:
    text = {"type": "string"}
    frame = people.platform.consume("customers", "t").select(
        col("email").alias("contact"), md5(col("email")).alias("key")
    )
    (warning,) = people.product("copy", {"contact": text, "key": text}, more=INPUT).publish("t", frame).warnings
    assert warning == (
        "the column contact is made of customers.t.email, personal data, and is not protected: "
        'tag it "pii" in the schema, or publish a hash of it'
    )
    waived = {"contact": {**text, "tags": ["pii"], "encryption": "none"}, "key": text}
    assert people.product("waived", waived, more=INPUT).publish("t", frame).warnings == ()
    assert people.product("plain", {"key": text}, more=INPUT).publish("t", frame.select("key")).warnings == ()
