"""Which reader a source gets, and what it needs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from data_platform.errors import BadInput, MissingExtra
from data_platform.pipelines.sources import read_source
from data_platform.settings import PostgresSource, Settings, Template

SHOP = PostgresSource("shop", Template("postgresql://reader:${SHOP_PASSWORD}@db/shop", "source 'shop'"))


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    with pytest.raises(MissingExtra, match=r"pip install '\.\[postgres\]'"):
        read_source(Settings(Path(), sources={"shop": SHOP}), "shop", "orders")


def test_a_variable_that_is_not_set_is_named_before_anything_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_PASSWORD", raising=False)
    with pytest.raises(BadInput, match="source 'shop' needs the environment variable SHOP_PASSWORD"):
        read_source(Settings(Path(), sources={"shop": SHOP}), "shop", "orders")
