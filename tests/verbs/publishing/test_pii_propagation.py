"""Personal data stays so under whatever name, until it is hashed, counted or summed up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from data_platform import SchemaMismatch
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


TEXT = {"type": "string"}


def test_a_written_schema_that_leaves_it_unprotected_is_overruled(people: World) -> None:
    frame = people.platform.consume("customers", "t").select(
        col("email").alias("contact"), md5(col("email")).alias("key")
    )
    (warning,) = people.product("copy", {"contact": TEXT, "key": TEXT}, more=INPUT).publish("t", frame).warnings
    assert warning == (
        "the column contact is made of customers.t.email, personal data: it is masked and encrypted; "
        'tag it "pii" in the schema, or publish a hash of it'
    )
    assert protected(people) == ["contact"]
    assert people.platform.consume("copy", "t", mask=True).select("contact").collect()[0]["contact"] == "***"
    assert list(find_clear(people, b"a@x")) == []
    waived = {"contact": {**TEXT, "tags": ["pii"], "encryption": "none"}, "key": TEXT}
    assert people.product("waived", waived, more=INPUT).publish("t", frame).warnings == ()
    assert people.product("plain", {"key": TEXT}, more=INPUT).publish("t", frame.select("key")).warnings == ()


def find_clear(world: World, value: bytes) -> Iterator[Path]:
    """The data files of `copy` in which a value can be read."""
    return (path for path in world.folder("copy").data.rglob("*.parquet") if value in path.read_bytes())


def test_a_written_schema_hands_on_what_it_inherited(people: World) -> None:
    frame = people.platform.consume("customers", "t").select(col("email").alias("contact"))
    people.product("copy", {"contact": TEXT}, more=INPUT).publish("t", frame)
    again = people.platform.consume("copy", "t").select(col("contact").alias("written"))
    more = "inputs: [{data_product: copy, output: t}]"
    (warning,) = people.product("second", {"written": TEXT}, more=more).publish("t", again).warnings
    assert "made of copy.t.contact" in warning
    assert protected(people, "second") == ["written"]


def test_a_later_publish_inherits_too(people: World) -> None:
    copy = people.product("copy")
    copy.publish("t", [{"contact": "nobody"}])
    assert protected(people) == []
    copy.publish("t", people.platform.consume("customers", "t").select(col("email").alias("contact")))
    assert protected(people) == ["contact"]


def test_of_rows_that_came_by_hand_a_written_schema_inherits_by_name(people: World) -> None:
    schema = {"id": {"type": "integer"}, "email": TEXT, "born": {"type": "integer"}}
    result = people.product("copy", schema, more=INPUT).publish("t", PEOPLE, lineage=["customers.t"])
    assert protected(people) == ["email", "born"]
    assert len([warning for warning in result.warnings if "personal data" in warning]) == 2


def test_a_partition_cannot_be_personal(people: World) -> None:
    frame = people.platform.consume("customers", "t").select(col("email").alias("contact"), "id")
    columns = {"contact": TEXT, "id": {"type": "integer"}}
    copy = people.product("copy", columns, output="partition_by: [contact]", more=INPUT)
    with pytest.raises(SchemaMismatch, match="it is encrypted, and a partition's value is stored in clear"):
        copy.publish("t", frame)


MEMBERS = {
    "person": {"type": "object", "properties": {"mail": {**TEXT, "pii": True}, "age": {"type": "integer"}}},
    "by_mail": {"type": "object", "additionalProperties": TEXT, "pii": True},
    "id": {"type": "integer"},
}


def test_members_of_structs_and_keys_of_maps_stay_protected(world: World) -> None:
    rows = [{"person": {"mail": "a@x.org", "age": 1}, "by_mail": {"a@x.org": "y"}, "id": 1}]
    world.product("customers", MEMBERS).publish("t", rows)
    query = 'SELECT person.mail AS one, map_keys(by_mail) AS two, id AS three FROM "customers".t'
    columns = {"one": TEXT, "two": {"type": "array", "items": TEXT}, "three": {"type": "integer"}}
    world.product("copy", columns, more=INPUT).publish("t", world.platform.sql(query))
    assert protected(world) == ["one", "two"]
    frame = world.platform.consume("customers", "t").select(col("person").getField("mail").alias("one"))
    world.product("framed", {"one": TEXT}, more=INPUT).publish("t", frame)
    assert protected(world, "framed") == ["one"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("expression", "inherits"),
    [
        ("email AS contact", True),
        ("upper(email) || '!' AS contact", True),
        ('(SELECT max(c.email) FROM "customers".t AS c) AS contact', True),
        ("CASE WHEN id > 0 THEN email ELSE '' END AS contact", True),
        ("x AS contact", True),
        ("md5(email) AS contact", False),
        ("CAST(id AS VARCHAR) AS contact", False),
        ("CASE WHEN email = 'a@x' THEN 'a' ELSE 'b' END AS contact", False),
    ],
)
def test_the_rows_of_a_query_inherit(people: World, expression: str, inherits: bool) -> None:
    query = f'SELECT {expression} FROM (SELECT *, email AS x FROM "customers".t) AS s'
    people.product("copy", {"contact": TEXT}, more=INPUT).publish("t", people.platform.sql(query))
    assert protected(people) == (["contact"] if inherits else [])


def test_a_query_that_sees_a_mask_hands_on_none(people: World) -> None:
    rows = people.platform.sql('SELECT email AS contact FROM "customers".t', mask=True)
    people.product("copy", {"contact": TEXT}, more=INPUT).publish("t", rows)
    assert protected(people) == []


def test_twins_among_the_columns_of_a_query_inherit_too(people: World) -> None:
    rows = people.platform.sql('SELECT id AS c, email AS c FROM "customers".t')
    people.product("copy").publish("t", rows)
    assert "c_1" in protected(people)


def test_a_join_hands_on_what_either_side_protects(people: World) -> None:
    people.product("orders").publish("t", [{"id": 1, "sum": 5}])
    orders = people.platform.consume("orders", "t")
    joined = orders.join(people.platform.consume("customers", "t"), "id").select("sum", col("email").alias("buyer"))
    columns = {"sum": {"type": "integer"}, "buyer": TEXT}
    people.product("copy", columns, more=INPUT).publish("t", joined)
    assert protected(people) == ["buyer"]
