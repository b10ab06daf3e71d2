"""What is found, in which order, and how it is narrowed down and counted."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data_platform.search.document import OutputEntry, SearchDocument
from data_platform.search.freshness import FRESHNESS_STATES, judge_freshness
from data_platform.search.index import SearchIndex
from data_platform.search.matching import ENOUGH
from data_platform.search.query import split_pieces
from data_platform.search.question import Filters, Match, Question
from data_platform.search.ranking import rank_by_date
from tests.search.given import document, filled, names

MISSION = Path(__file__).parents[3] / "shared/mission/data-mesh-architecture.md"


def match(index: SearchIndex, text: str) -> dict[str, Match | None]:
    return {hit.document.name: hit.match for hit in index.search(Question(text)).hits}


def test_a_better_match_stands_first_whatever_views_and_quality_say(tmp_path: Path) -> None:
    index = filled(
        tmp_path,
        [
            document("fuzzy", "every ordex", views=900, quality=100),
            document("elsewhere", None, "order_total", views=800),
            document("prefix", "all orders", views=700),
            document("exact", "an order"),
            document("read-more", "an order", views=5),
            document("better", "an order", views=5, quality=80),
        ],
    )
    matches = match(index, "order")
    assert list(matches) == ["better", "read-more", "exact", "prefix", "elsewhere", "fuzzy"]
    assert list(matches.values()) == [Match.EXACT] * 3 + [Match.PREFIX, Match.ELSEWHERE, Match.FUZZY]


def test_among_equals_the_order_is_views_quality_name(tmp_path: Path) -> None:
    ranks = [("c", 10, 5.0), ("a", 10, 50.0), ("b", 10, 50.0), ("d", 9, 100.0), ("f", 0, None), ("e", 0, 0.1)]
    index = filled(tmp_path, [document(name, views=views, quality=quality) for name, views, quality in reversed(ranks)])
    assert names(index) == ["a", "b", "c", "d", "e", "f"]


def test_every_word_must_be_there_somewhere(tmp_path: Path) -> None:
    index = filled(
        tmp_path, [document("orders", "placed by shops", "customer_email", tags=("gold",)), document("shops")]
    )
    assert names(index, "shops orders") == ["orders"]
    assert names(index, "gold email ana sales placed") == ["orders"]
    assert names(index, "orders nothing") == []
    assert names(index, "  \t\n ") == ["orders", "shops"]
    assert names(index, "!!! --- |") == []


@pytest.mark.parametrize(
    "text", ["order_id", "orderId", "order-id", "ORDER_ID", "orderid", "order id", "order_i", "ｏrder_id"]
)
def test_an_identifier_is_found_however_it_is_spelled(tmp_path: Path, text: str) -> None:
    index = filled(tmp_path, [document("a", None, "order_id"), document("b", None, "orderID"), document("c", "id of")])
    assert names(index, text) == ["a", "b"]


def test_the_words_of_an_identifier_stand_next_to_each_other(tmp_path: Path) -> None:
    index = filled(
        tmp_path, [document("x", "an id of an order"), document("y", "the order id"), document("z", "order")]
    )
    assert names(index, "order_id") == ["y", "x"]
    assert match(index, "order_id") == {"y": Match.EXACT, "x": Match.FUZZY}


def test_typos_one_for_four_letters_two_for_eight(tmp_path: Path) -> None:
    index = filled(tmp_path, [document(name, domain="d") for name in ("sale", "customers", "red")])
    for text in ("sake", "sael", "sal", "saale"):
        assert names(index, text) == ["sale"], text
    for text in ("cusotmers", "custamars", "ustomer", "custmer"):
        assert names(index, text) == ["customers"], text
    assert names(index, "rex") == []
    assert names(index, "cxstxmxrs") == []


def test_typos_are_looked_for_only_where_little_has_the_word(tmp_path: Path) -> None:
    index = filled(tmp_path, [document(f"p{n}", "orders") for n in range(ENOUGH)] + [document("b", "borders")])
    assert "b" not in names(index, "orders")
    assert names(index, "ordres")[-1] == "p9"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ลูกค้า", ["thai"]),
        ("ข้อมูลลูกค้า", ["thai"]),
        ("คำสั่งซื้อ", ["thai"]),
        ("ล", ["thai"]),
        ("ขอมูลลูกค้า", ["thai"]),  # the tone mark is missing
        ("订单", ["chinese"]),
        ("订单数据", ["chinese"]),
        ("客户信息", ["chinese"]),
        ("户", ["chinese"]),
        ("注文履歴", ["japanese"]),
        ("データベース", ["japanese"]),
        ("ﾃﾞｰﾀ", ["japanese"]),
        ("注", ["japanese"]),
        ("주문", ["korean"]),
        ("khách hàng", ["vietnamese"]),
        ("数订", []),
        ("ก้าวหน้า", []),
    ],
)
def test_words_of_many_scripts_are_found(tmp_path: Path, text: str, expected: list[str]) -> None:
    index = filled(
        tmp_path,
        [
            document("thai", "ข้อมูลลูกค้าและคำสั่งซื้อทั้งหมดของบริษัท"),
            document("chinese", "所有客户信息和订单数据"),
            document("japanese", "顧客データベースと注文履歴"),
            document("korean", "모든 주문을 저장"),
            document("vietnamese", "dữ liệu khách hàng"),
        ],
    )
    assert names(index, text) == expected


@pytest.mark.skipif(not MISSION.exists(), reason="the mission text is not beside this checkout")
def test_the_mission_text_is_found_by_its_thai_and_english_words(tmp_path: Path) -> None:
    overview = MISSION.read_text(encoding="utf-8").partition("## Overview")[2].partition("## Why")[0]
    index = filled(tmp_path, [document("mesh", overview), document("other", "Orders")])
    for text in ("ประกอบด้วย", "แทน", "โดยย้าย", "ownership ของ data", "decentralized เป็น", "federated governance"):
        assert names(index, text) == ["mesh"], text


def test_filters_narrow_down_and_facets_count_what_else_there_is(tmp_path: Path) -> None:
    stream = (OutputEntry("e", "stream"), OutputEntry("t", "table", ("Email",)))
    index = filled(
        tmp_path,
        [
            document("a", domain="crm", tags=("gold", "core"), quality=90.0, pii=True),
            document("b", domain="crm", tags=("gold",), quality=80.0, status="draft", outputs=stream),
            document("c", domain="sales", owner="bo@x", quality=None),
        ],
    )
    asked = {
        "domain": ("crm", ["a", "b"]),
        "tag": ("core", ["a"]),
        "owner": ("bo@x", ["c"]),
        "status": ("draft", ["b"]),
        "type": ("stream", ["b"]),
        "column": ("EMAIL", ["b"]),
        "pii": (False, ["b", "c"]),
        "min_quality": (80, ["a", "b"]),
    }
    assert {name: names(index, **{name: value}) for name, (value, _) in asked.items()} == {
        name: result for name, (_, result) in asked.items()
    }
    assert names(index, domain="cr") == names(index, domain="\ud800") == names(index, min_quality=float("nan")) == []
    result = index.search(Question(filters=Filters(domain="crm", status="draft"), facets=True))
    assert result.facets == {
        "domain": {"crm": 1},
        "tag": {"gold": 1},
        "owner": {"ana@x": 1},
        "status": {"active": 1, "draft": 1},
        "type": {"stream": 1, "table": 1},
        "freshness": {"not_promised": 1},
    }


NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def test_freshness_is_judged_at_the_moment_of_the_question(tmp_path: Path) -> None:
    index = filled(
        tmp_path,
        [
            document("ends-now", promises_freshness=True, stale_at=NOON),
            document("ended-long-ago", promises_freshness=True, stale_at=datetime(1900, 1, 1, tzinfo=UTC)),
            document("unpublished", promises_freshness=True),
            document("without"),
        ],
    )

    def count(now: datetime, **filters: Any) -> dict[str, int]:
        asked = Filters(now=now, **filters)
        return dict(index.search(Question(filters=asked, facets=True)).facets["freshness"])

    unmeasured = {"not_promised": 1, "unknown": 1}
    assert count(NOON) == {"late": 1, "on_time": 1, **unmeasured}
    assert count(NOON + MICROSECOND) == {"late": 2, **unmeasured}
    assert count(NOON + MICROSECOND, freshness="unknown") == {"late": 2, **unmeasured}
    assert names(index, freshness="late", now=NOON) == ["ended-long-ago"]
    assert names(index, freshness="late", now=NOON + MICROSECOND) == ["ended-long-ago", "ends-now"]
    assert names(index, freshness="on_time", now=NOON) == ["ends-now"]
    assert names(index, freshness="unknown", now=NOON) == ["unpublished"]
    assert names(index, freshness="not_promised", now=NOON) == ["without"]


def test_the_newest_come_first_however_they_match_and_what_was_never_published_last(tmp_path: Path) -> None:
    dated = {"order": -3, "orders": -1, "ordex": -2, "ordered": None, "other": 0}
    index = filled(
        tmp_path,
        [
            document(name, views=9, published_at=None if days is None else NOON + timedelta(days=days))
            for name, days in dated.items()
        ],
    )
    found = index.search(Question("order", sort="newest"))
    assert [(hit.document.name, hit.match) for hit in found.hits] == [
        ("orders", Match.PREFIX),
        ("ordex", Match.FUZZY),
        ("order", Match.EXACT),
        ("ordered", Match.PREFIX),
    ]
    assert found.total == 4
    pages = [index.search(Question("order", sort="newest", limit=1, offset=at)).hits for at in range(5)]
    assert [hit for page in pages for hit in page] == list(found.hits)
    everything = index.search(Question(sort="newest", limit=2)).hits
    assert [hit.document.name for hit in everything] == ["other", "orders"]


def test_pages_follow_each_other_over_every_way_to_match(tmp_path: Path) -> None:
    texts = ["order", "orders", "ordex", "order", "orderly", "ordef", "order"]
    index = filled(tmp_path, [document(f"p{at}", text, views=at) for at, text in enumerate(texts)])
    whole = names(index, "order")
    assert whole == ["p6", "p3", "p0", "p4", "p1", "p5", "p2"]
    for size in (1, 2, 3, 7, 50):
        pages = [index.search(Question("order", limit=size, offset=at)) for at in range(0, 9, size)]
        assert [hit.document.name for page in pages for hit in page.hits] == whole
        assert {page.total for page in pages} == {7}
    assert index.search(Question("order", limit=0)).hits == index.search(Question("", offset=10**12)).hits == ()


def test_an_update_replaces_removes_and_adds(tmp_path: Path) -> None:
    index = filled(tmp_path, [document("a", "old"), document("b"), document("c")])
    with index.lock_for_writing(1) as writing:
        assert writing is not None
        writing.update(["a", "b", "d"], [document("a", "new"), document("d")], "2")
    assert (names(index), index.mark) == (["a", "c", "d"], "2")
    assert (names(index, "old"), names(index, "new")) == ([], ["a"])
    assert index.search(Question()).total == 3


def test_a_hit_is_the_document_that_was_given(tmp_path: Path) -> None:
    given_one = document(
        "a", "\u202ehidden \x00 ข้อมูล", "Col", "\ud800", tags=("x", "x"), quality=33.3, views=7, pii=True
    )
    assert [hit.document for hit in filled(tmp_path, [given_one]).search(Question("hidden")).hits] == [given_one]


LETTERS = st.text(st.sampled_from("abor de_-.|\"'()*^~:\\/[]{}+0ÄßลกูคาOR注文\n\x00\ud800"), max_size=30)
PRODUCTS = [
    document("abo-order", "a border of odd beads", "order_id", "aboDeb", tags=("red",), views=3, quality=50.0),
    document("order", "all orders, ลูกค้า", domain="a", pii=True, views=3, promises_freshness=True, stale_at=NOON),
    document("注文", "注文 and 文注 boards", status="draft", quality=99.0, published_at=NOON, promises_freshness=True),
    document("rabbit", None, "bad", owner="bo@de", quality=10.0),
]


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    return filled(tmp_path_factory.mktemp("some"), PRODUCTS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=LETTERS | st.text(max_size=30),
    filters=st.builds(
        Filters,
        domain=st.none() | st.sampled_from(["a", "sales"]) | st.text(max_size=3),
        status=st.none() | st.sampled_from(["draft", "active"]),
        column=st.none() | st.sampled_from(["ORDER_ID", "bad"]),
        pii=st.none() | st.booleans(),
        min_quality=st.none() | st.floats(0, 100),
        freshness=st.none() | st.sampled_from(FRESHNESS_STATES),
        now=st.sampled_from([NOON - MICROSECOND, NOON, NOON + MICROSECOND]),
    ),
    facets=st.booleans(),
)
@example(text="a AND (b OR", filters=Filters(), facets=True)
@example(text="x" * 100_000, filters=Filters(), facets=False)
@example(text="a b " * 5_000 + "".join(map(chr, range(0x4E00, 0x5E00))), filters=Filters(), facets=True)
def test_whatever_is_asked_every_hit_passes_the_filters_and_no_worse_match_stands_higher(
    some: SearchIndex, text: str, filters: Filters, facets: bool
) -> None:
    result = some.search(Question(text, filters, limit=None, facets=facets))
    assert result.total == len(result.hits) == len({hit.document.name for hit in result.hits})
    ways = [list(Match).index(hit.match) for hit in result.hits if hit.match]
    assert ways == sorted(ways)
    for hit in result.hits:
        assert passes(hit.document, filters)
        assert bool(hit.highlights) == bool(split_pieces(text))
        for highlight in hit.highlights:
            assert highlight.spans
            assert all(0 <= start < end <= len(highlight.text) for start, end in highlight.spans)
    if facets and filters.domain is None:
        assert sum(result.facets["domain"].values()) == result.total
    if facets and filters.freshness is None:
        assert result.facets["freshness"] == Counter(judge_freshness(hit.document, filters.now) for hit in result.hits)
    newest = some.search(Question(text, filters, limit=None, facets=facets, sort="newest"))
    assert (newest.total, newest.facets) == (result.total, result.facets)
    assert list(newest.hits) == sorted(result.hits, key=lambda hit: rank_by_date(hit.document))


def passes(document: SearchDocument, filters: Filters) -> bool:
    columns = {column.casefold() for output in document.outputs for column in output.columns}
    return (
        filters.domain in (None, document.domain)
        and filters.status in (None, document.status)
        and (filters.column is None or filters.column.casefold() in columns)
        and filters.pii in (None, document.pii)
        and filters.freshness in (None, judge_freshness(document, filters.now))
        and (filters.min_quality is None or (document.quality is not None and document.quality >= filters.min_quality))
    )
