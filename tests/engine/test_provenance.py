from __future__ import annotations

import pyarrow as pa
import pytest

from data_platform.engine.frame import from_table
from data_platform.engine.origin import Origin
from data_platform.functions import Window, col, explode, row_number, when
from data_platform.functions import max as max_
from data_platform.functions import sum as sum_

WIDE = {name: [1, 2, 3] for name in "abcdef"}


@pytest.fixture
def wide(published):
    return published("wide", WIDE)


def read(frame) -> set[str]:
    [columns] = frame.provenance.values()
    return set(columns)


def test_columns_really_read_are_exact(wide):
    assert read(wide) == set("abcdef")
    assert read(wide.select("a")) == {"a"}
    assert read(wide.filter("b > 1").select("a")) == {"a", "b"}
    assert read(wide.withColumn("x", col("c") + 1).select("a")) == {"a"}
    assert read(wide.withColumn("a", col("b")).select("a")) == {"b"}
    assert read(wide.groupBy("a").agg(sum_("b").alias("b"), sum_("c")).select("b")) == {"a", "b"}
    assert read(wide.groupBy("a").count()) == {"a"}
    assert read(wide.orderBy("d").limit(1).select("a")) == {"a", "d"}
    assert read(wide.dropDuplicates(["e"]).select("a")) == {"a", "e"}
    assert read(wide.distinct().select("a")) == set("abcdef")
    assert read(wide.select("a", "b").distinct().select("a")) == {"a", "b"}
    assert read(wide.select("a", "b").union(wide.select("c", "d")).select("b")) == {"b", "d"}
    assert read(wide.select("a", row_number().over(Window.partitionBy("b").orderBy("c")))) == {"a", "b", "c"}
    assert read(wide.drop("a", "f")) == set("bcde")
    assert read(wide.select()) == set()


def test_counting_rows_reads_no_column(wide, reads):
    assert wide.count() == 3
    [[columns]] = [read.values() for read in reads]
    assert columns == frozenset()
    wide.filter("a > 1").count()
    assert [set(read) for read in reads[-1].values()] == [{"a"}]


def test_explode_keeps_its_rows_when_its_values_are_not_used(published):
    lists = published("lists", {"l": [[1, 2], [3]], "a": [1, 2]})
    exploded = lists.select("a", explode("l").alias("e"))
    assert read(exploded.select("a")) == {"a", "l"}
    assert sorted(exploded.select("a").to_arrow()["a"].to_pylist()) == [1, 1, 2]
    assert exploded.count() == 3


def test_join_keys_count_as_read_on_both_sides(published, wide):
    other = published("other", {"b": [1], "z": ["x"], "unused": [1.5]}, version=7)
    joined = wide.join(other, "b").filter("z = 'x'").select("a")
    assert joined.provenance == {
        Origin("product", "wide-product", "wide", 1): {"a", "b"},
        Origin("product", "other-product", "other", 7): {"b", "z"},
    }
    # semi joins read the right side's key and nothing of its rest
    assert wide.join(other, "b", "semi").select("a").provenance[Origin("product", "other-product", "other", 7)] == {"b"}


def test_a_frame_used_twice_reads_the_union(wide):
    one, two = wide.select("a", "b").alias("x"), wide.select("a", "c").alias("y")
    assert read(one.join(two, "a").select("b", "c")) == {"a", "b", "c"}


def test_each_action_reports_once_and_before_rows_come(published, reads):
    left, right = published("left", WIDE), published("right", WIDE)
    joined = left.join(right, "a").select("a")
    joined.collect()
    assert len(reads) == 1
    assert reads[0] == joined.provenance
    stream = joined.to_batches()
    assert len(reads) == 2
    stream.read_all()
    joined.show()
    assert len(reads) == 3


def test_whoever_may_not_record_gets_no_rows(tmp_path, published):
    def refuse(_):
        raise PermissionError("the record is closed")

    from data_platform.engine.frame import scan
    from data_platform.engine.source import ParquetSource

    table = pa.table({"a": [1]})
    frame = scan(ParquetSource((), table.schema), Origin("product", "p", "o", 1), refuse)
    with pytest.raises(PermissionError):
        frame.collect()


def test_sources_and_plain_tables(wide):
    origin = Origin("source", "postgres", "orders")
    raw = from_table(pa.table({"a": [1], "x": [2]}), origin)
    assert str(origin) == "postgres.orders"
    assert raw.select("a").provenance == {origin: {"a"}}
    assert from_table(pa.table({"a": [1]})).provenance == {}
    joined = raw.join(wide, "a")
    assert set(joined.select("x").provenance) == {origin, Origin("product", "wide-product", "wide", 1)}


def test_columns_and_filters_are_pushed_into_the_files(wide, capsys):
    wide.filter("b > 1").withColumn("x", col("a") + 1).select("x").explain()
    plan = capsys.readouterr().out
    assert "READ_PARQUET" in plan
    scan_part = plan[plan.index("Read Parquet") :]
    assert "Filters: b > 1" in scan_part
    assert not any(name in scan_part.split("Projections:")[1].split("Filters")[0] for name in "cdef")


def test_filters_reach_the_files_through_joins_and_groups(published, wide, capsys):
    other = published("other", {"b": [1, 2, 3], "z": [0, 1, 2]})
    wide.join(other, "b").filter("z > 0").groupBy("a").count().filter("a > 1").explain()
    filters = [line.strip("│ ╭╮╰╯") for line in capsys.readouterr().out.splitlines() if "Filters:" in line]
    assert len([line for line in filters if "z > 0" in line]) == 1
    assert len([line for line in filters if "a > 1" in line]) == 1


def where(frame) -> dict[str, str]:
    """The predicates of a frame, by source."""
    return {alias: condition.sql("duckdb") for alias, condition in frame._compiled.predicates.items()}


def test_which_rows_of_a_source_matter(published, wide):
    other = published("other", {"b": [1, 2, 3], "z": [0, 1, 2]})
    renamed = wide.select(col("a").alias("x"), "b").filter("x > 1")
    assert where(wide) == {}
    assert list(where(wide.filter("b > 1").filter("a < 3")).values()) == ['"b" > 1 AND "a" < 3']
    assert list(where(renamed.join(other, "b").filter("z > 0")).values()) == ['"a" > 1']
    assert where(wide.limit(2).filter("a > 1")) == {}
    assert where(wide.filter("a > 1").union(wide)) == {}


def test_a_plan_begins_with_what_is_read(wide, capsys):
    wide.filter("b > 1").select("a").explain()
    assert capsys.readouterr().out.splitlines()[0] == 'wide-product.wide#1: a, b where "b" > 1'


def made_from(frame) -> dict[str, set[str]]:
    """Each column's uses as text, those of rows under the empty name."""
    lineage = frame.column_lineage
    sources = {**lineage.fields, "": lineage.dataset}
    return {
        name: {f"{use.table.output}.{use.column} {use.subtype}{' masked' if use.masking else ''}" for use in uses}
        for name, uses in sources.items()
    }


def test_what_each_column_is_made_from(published, wide):
    other = published("other", {"b": [1], "z": ["x"]}, version=7)
    joined = (
        wide.join(other, "b", "left").filter("c > 1").groupBy("a").agg(sum_("d").alias("total"), max_("z").alias("z"))
    )
    assert made_from(joined) == {
        "a": {"wide.a IDENTITY"},
        "total": {"wide.d AGGREGATION masked"},
        "z": {"other.z AGGREGATION"},
        "": {"wide.b JOIN", "other.b JOIN", "wide.c FILTER", "wide.a GROUP_BY"},
    }
    [use] = joined.column_lineage.fields["z"]
    assert use.table == Origin("product", "other-product", "other", 7)
    assert use.hands_on


def test_renames_windows_conditions_and_order(wide):
    renamed = wide.withColumnRenamed("a", "x").withColumn("y", when(col("b") > 1, col("c")).otherwise(0))
    ranked = renamed.select("x", "y", row_number().over(Window.partitionBy("d").orderBy("e")).alias("r"))
    assert made_from(ranked.orderBy("x").limit(2)) == {
        "x": {"wide.a IDENTITY"},
        "y": {"wide.b CONDITIONAL", "wide.c TRANSFORMATION"},
        "r": {"wide.d WINDOW", "wide.e WINDOW"},
        "": {"wide.a SORT"},
    }


def test_both_sides_of_a_self_join_and_of_a_union_are_told_apart_by_column(wide):
    left, right = wide.select("a", "b").alias("l"), wide.select("a", col("c").alias("d")).alias("r")
    assert made_from(left.join(right, col("l.a") == col("r.a")).select("b", "d")) == {
        "b": {"wide.b IDENTITY"},
        "d": {"wide.c IDENTITY"},
        "": {"wide.a JOIN"},
    }
    assert made_from(wide.select("a").union(wide.select("b"))) == {
        "a": {"wide.a IDENTITY", "wide.b IDENTITY"},
        "": set(),
    }


def test_a_list_that_is_exploded_decides_how_many_rows_there_are(published):
    lists = published("lists", {"l": [[1, 2], [3]], "a": [1, 2]})
    assert made_from(lists.select("a", explode("l").alias("e")).select("a")) == {
        "a": {"lists.a IDENTITY"},
        "": {"lists.l JOIN"},
    }


def test_a_masked_column_hands_nothing_on(published):
    people = published("people", {"email": ["a@x"], "id": [1]}, mask=frozenset(["email"]))
    [use] = people.select(col("email").alias("contact")).column_lineage.fields["contact"]
    assert (use.column, use.masking, use.hands_on) == ("email", True, False)


def test_plain_tables_came_from_nowhere(wide):
    plain = from_table(pa.table({"a": [1], "p": [2]}))
    assert made_from(plain.join(wide, "a").select("p", "b")) == {
        "p": set(),
        "b": {"wide.b IDENTITY"},
        "": {"wide.a JOIN"},
    }
