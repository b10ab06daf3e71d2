from __future__ import annotations

import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform.access.view import TableView
from data_platform.engine.frame import scan
from data_platform.engine.origin import Origin
from data_platform.engine.plan.lineage import trace_columns
from data_platform.engine.source import ParquetSource
from data_platform.errors import FrameError, NotFound
from data_platform.keys.parquet import build_encryption_properties
from data_platform.spec.access.masks import REDACT, Mask, MaskKind
from data_platform.spec.access.row_filters import ColumnComparison, Comparator

PEOPLE = pa.table(
    {
        "id": [1, 2, 3],
        "email": ["ann@example.org", "bob@example.org", None],
        "born": pa.array([1980, 1990, 2000], pa.int32()),
        "segment": ["x", "y", "x"],
    }
)
SEALED = frozenset({"email", "born"})
ORIGIN = Origin("product", "customers", "customers_dim", 1)


@pytest.fixture
def sealed(tmp_path):
    """sealed(mask=…, keys=…): a frame over a file whose email and born are encrypted."""
    keys = {"footer": os.urandom(32), "email": os.urandom(32), "born": os.urandom(32)}
    path = str(tmp_path / "people.parquet")
    properties = build_encryption_properties(keys, "footer", {"email": ["email"], "born": ["born"]})
    with pq.ParquetWriter(path, PEOPLE.schema, encryption_properties=properties) as writer:
        writer.write_table(PEOPLE)
    reads = []

    def frame(mask=frozenset(), keys=keys, view=None):
        view = view or TableView(dict.fromkeys(mask, REDACT))
        return scan(ParquetSource((path,), PEOPLE.schema, SEALED, keys, view=view), ORIGIN, reads.append)

    frame.reads = reads
    return frame


def test_encrypted_columns_are_read_with_their_keys(sealed):
    frame = sealed()
    assert frame.to_arrow() == PEOPLE
    assert frame.filter("email LIKE 'ann%'").select("id", "email").collect() == [(1, "ann@example.org")]
    assert frame.groupBy("segment").max("born").orderBy("segment").collect() == [("x", 2000), ("y", 1990)]
    assert frame.to_batches(2).read_all() == PEOPLE
    assert sealed.reads[1] == {ORIGIN: {"id", "email"}}


def test_plain_columns_need_no_key(sealed):
    keyless = sealed(keys={})
    assert keyless.select("id", "segment").collect() == [(1, "x"), (2, "y"), (3, "x")]
    assert keyless.count() == 3
    with pytest.raises(FrameError, match="no key to read the encrypted born, email"):
        keyless.collect()
    with pytest.raises(FrameError, match="no key to read the encrypted email"):
        keyless.filter("email IS NOT NULL").count()


def test_masked_columns_are_neither_opened_nor_reported(sealed):
    masked = sealed(mask=SEALED, keys={})
    assert masked.schema == PEOPLE.schema
    assert masked.collect() == [(1, "***", None, "x"), (2, "***", None, "y"), (3, "***", None, "x")]
    assert masked.to_arrow().schema == PEOPLE.schema
    assert sealed.reads == [{ORIGIN: {"id", "segment"}}] * 2
    assert masked.filter("email = 'ann@example.org'").count() == 0
    assert masked.select("born").distinct().collect() == [(None,)]
    assert masked.provenance == {ORIGIN: {"id", "segment"}}


def test_masks_survive_joins_with_clear_frames(sealed):
    clear, masked = sealed().alias("c"), sealed(mask=SEALED).alias("m")
    both = clear.join(masked, "id").select("id", "c.email", "m.email").orderBy("id")
    assert both.to_arrow().column(1).to_pylist() == PEOPLE["email"].to_pylist()
    assert both.to_arrow().column(2).to_pylist() == ["***"] * 3


def test_columns_and_filters_reach_the_decrypting_scan(sealed, capsys):
    sealed().filter("id > 1").select("email").explain()
    plan = capsys.readouterr().out
    assert "ARROW_SCAN" in plan
    assert "segment" not in plan
    assert 'Filters: "id" > 1' in plan


def test_keys_show_nowhere(sealed):
    frame = sealed()
    secrets = list(frame._rel.plan.relation.keys.values())
    texts = repr(frame) + repr(frame._rel) + repr(frame._compiled) + frame.sql() + str(vars(frame))
    assert not any(repr(key)[2:-1] in texts or key.hex() in texts for key in secrets)


def test_sealed_columns_of_a_wrong_key_are_an_error_not_rows(sealed):
    right = sealed()._rel.plan.relation.keys
    wrong = {name: os.urandom(32) for name in right}
    erased = {"footer": right["footer"], "born": right["born"]}
    for keys in (wrong, right | {"email": wrong["email"]}):
        with pytest.raises(FrameError, match="no key to read the encrypted email") as caught:
            sealed(keys=keys).select("email").collect()
        assert not any(key.hex() in str(caught.value) for key in keys.values())
    with pytest.raises(FrameError, match="no key to read the encrypted email"):
        sealed(keys=erased).select("email").collect()
    assert sealed(keys=erased).select("born").count() == 3
    assert sealed(keys=erased).agg({"born": "max"}).collect() == [(2000,)]


BORN_LATE = ColumnComparison("born", Comparator.GREATER, 1985)
SHOWN = TableView({"email": Mask(MaskKind.PARTIAL), "born": REDACT}, BORN_LATE)


def test_a_condition_reads_an_encrypted_column_that_is_not_shown(sealed):
    frame = sealed(view=SHOWN)
    assert frame.collect() == [(2, "***.org", None, "y"), (3, "***", None, "x")]
    assert frame.count() == 2
    assert frame.select("id").to_batches(1).read_all()["id"].to_pylist() == [2, 3]
    assert sealed.reads[0] == {ORIGIN: {"id", "email", "segment"}}


def test_a_view_that_lacks_a_key_shows_no_row_instead_of_an_unmasked_one(sealed):
    for action in (lambda frame: frame.select("id").collect(), lambda frame: frame.count()):
        with pytest.raises(FrameError, match="no key to read the encrypted born"):
            action(sealed(view=SHOWN, keys={}))
    hashed = TableView({"email": Mask(MaskKind.HASH)})
    assert sealed(view=hashed, keys={}).select("id").collect() == [(1,), (2,), (3,)]
    with pytest.raises(NotFound, match="no key to compute a hash"):
        sealed(view=hashed).select("email").collect()


def test_only_constants_are_marked_as_masked_in_lineage(sealed):
    frame = sealed(view=TableView({"email": Mask(MaskKind.PARTIAL), "born": REDACT}))
    uses = trace_columns(frame._compiled).fields
    assert [use.masking for use in uses["email"]] == [False]
    assert [use.masking for use in uses["born"]] == [True]
