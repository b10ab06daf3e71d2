"""What a word is, in any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.search.text import (
    LONGEST_WORD,
    _add_any,
    _split_any,
    _split_ascii,
    fold,
    index_texts,
    split_bare_words,
    split_tokens,
)


def words(text: str) -> list[str]:
    return [token.word for token in split_tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Order transactions, daily.", ["order", "transactions", "daily"]),
        ("orders-data_product.v2", ["orders", "data", "product", "v", "2"]),
        ("orderId HTTPServer iPhone ABC", ["order", "id", "http", "server", "i", "phone", "abc"]),
        ("Straße İstanbul café", ["strasse", "i̇stanbul", "café"]),
        ("Ｏｒｄｅｒｓ １２", ["orders", "12"]),
        ("e\u0301tude soft\u00adware", ["étude", "software"]),
        ("می\u200cخواهم", ["میخواهم"]),
        ("주문을 확인", ["주문을", "확인"]),
        ("Data Mesh เป็น decentralized", ["data", "mesh", "เป็น", "decentralized"]),
        ("顧客データと注文", ["顧客データと注文"]),
        ("ﾃﾞｰﾀ", ["データ"]),
        ("order注文2", ["order", "注文", "2"]),
        ("\ud800 \x00 !? — 🙂", []),
    ],
)
def test_a_text_is_cut_into_folded_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_the_parts_of_an_identifier_know_that_they_belong_together() -> None:
    assert [token.glued for token in split_tokens("order_id of orders")] == [False, True, False, False]


def test_a_script_without_blanks_is_indexed_by_pairs_of_letters() -> None:
    assert index_texts(["订单数据", "注"]).words == "订单 单数 数据 | 注"
    assert set("订单数据") == {key[1] for key in index_texts(["订单数据"]).keys.split()}


@given(st.text())
def test_words_stand_where_they_say_and_hold_nothing_but_letters(text: str) -> None:
    end = 0
    for token in split_tokens(text):
        assert end <= token.start < token.end <= len(text)
        assert fold(text[token.start : token.end]).startswith(token.word)
        assert token.unspaced or len(token.word) <= LONGEST_WORD
        assert not any(letter.isspace() or letter in "_-.|" for letter in token.word)
        end = token.end


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.sampled_from("aBcdE zQ09_-. |,")))
def test_ascii_is_cut_and_indexed_as_any_other_text(text: str) -> None:
    words: list[str] = []
    keys: set[str] = set()
    _add_any(text, words, keys)
    fast = index_texts([text])
    assert (fast.words, set(fast.keys.split())) == (" ".join(words), keys)
    assert list(_split_ascii(text)) == list(_split_any(text))


@given(st.text(max_size=60))
def test_bare_words_are_the_spaced_tokens(text: str) -> None:
    assert split_bare_words(text) == [token.word for token in split_tokens(text) if not token.unspaced]
