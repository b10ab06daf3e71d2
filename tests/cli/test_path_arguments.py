"""Paths on the command line: a missing file is named at once, with the nearest one; targets are checked before work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, write_orders
from tests.cli.test_lazy import ENGINES, loaded_by

ROWS = "id,total,note\n1,2.5,x\n"


@pytest.fixture
def shop(folder: Path) -> Path:
    write_orders(folder)
    (folder / "rows.csv").write_text(ROWS)
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ("publish", "rows.csv", "orders"),
        ("publish", "rows.csv", "orders", "orders_fact"),
        ("publish", "orders", "rows.csv", "orders_fact"),
        ("publish", "orders_fact", "orders", "rows.csv"),
        ("publish", "rows.csv", "orders/product.yaml"),
        ("publish", "orders_fact", "rows.csv", "orders/product.yaml"),
    ],
)
def test_arguments_in_another_order_are_answered_with_the_right_one(
    run: Run, shop: Path, words: tuple[str, ...]
) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert "the product comes first, and the file comes last" in done.stderr
    product = "orders/product.yaml" if "orders/product.yaml" in words else "orders"
    output = ["orders_fact"] if "orders_fact" in words else []
    assert f"→ data-platform publish {' '.join([product, *output, 'rows.csv'])}\n" in done.stderr
    assert not (shop / ".data-platform").exists()


@pytest.mark.parametrize(
    ("words", "right"),
    [
        (("publish", "orders@0", "rows.csv"), "publish orders orders_fact@0 rows.csv"),
        (("publish", "orders.orders_fact", "rows.csv"), "publish orders orders_fact rows.csv"),
        (("publish", "orders.orders_fact@1", "rows.csv"), "publish orders orders_fact@1 rows.csv"),
        (("run", "orders@0"), "run orders orders_fact@0"),
        (("publish", "orders", "orders_fact"), "publish orders orders_fact FILE"),
    ],
)
def test_a_reference_in_place_of_the_path_is_answered_with_what_to_write(
    run: Run, shop: Path, words: tuple[str, ...], right: str
) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert f"→ data-platform {right}\n" in done.stderr


def test_an_output_before_its_product_is_answered_with_the_order(run: Run, shop: Path) -> None:
    done = run("run", "orders_fact", "orders")
    assert done.exit_code == 2
    assert done.stderr.endswith("the product comes first\n  → data-platform run orders orders_fact\n")


@pytest.mark.parametrize(
    "words",
    [
        ("publish", "order", "rows.csv"),
        ("run", "order"),
        ("test", "order", "--data", "rows.csv"),
        ("validate", "order"),
        ("register", "order"),
        ("diff", "order"),
        ("export", "order", "--to", "odcs"),
        ("policies", "check", "order"),
    ],
)
def test_a_misspelled_product_is_answered_with_the_near_one(run: Run, shop: Path, words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert done.stderr == "error: no such file or folder: order\n  → did you mean orders?\n"


@pytest.mark.parametrize(
    "words",
    [
        ("publish", "orders", "row.csv"),
        ("test", "orders", "--data", "row.csv"),
        ("test", "orders", "--data", "orders_fact=row.csv"),
        ("import", "row.csv", "--out", "made"),
        ("policies", "apply", "row.csv"),
        ("policies", "check", "orders", "--policies", "row.csv"),
        ("audit", "verify", "--anchor", "row.csv"),
        ("sql", "--file", "row.csv"),
        ("restore", "row.csv"),
    ],
)
def test_a_misspelled_file_is_answered_with_the_near_one(run: Run, shop: Path, words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert done.stderr == "error: no such file or folder: row.csv\n  → did you mean rows.csv?\n"


def test_each_folder_of_a_path_is_corrected(run: Run, shop: Path) -> None:
    assert "→ did you mean orders/product.yaml?" in run("publish", "order/prodct.yaml", "rows.csv").stderr


@pytest.mark.parametrize("words", [("publish", "orders", "gone.csv"), ("run", "gone"), ("test", "gone", "--data", "x")])
def test_a_missing_file_is_named_before_an_engine_is_loaded(
    shop: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(shop)
    loaded = loaded_by(shop / "home", *words, exit_code=2)
    assert loaded & {*ENGINES, "sqlalchemy"} == set()


TARGETS = [
    ("test", "orders", "--data", "rows.csv", "--junit"),
    ("consume", "orders", "--out"),
    ("sql", "SELECT 1", "--format", "csv", "--out"),
    ("schema", "--out"),
    ("audit", "log", "--format", "jsonl", "--out"),
]


@pytest.mark.parametrize("words", TARGETS)
def test_a_target_that_cannot_be_written_is_refused_before_the_work(
    run: Run, shop: Path, words: tuple[str, ...]
) -> None:
    done = run(*words, "orders")
    assert done.exit_code == 2
    assert done.stderr == "error: orders cannot be written: Is a directory\n"
    assert "→ create the folder first: mkdir -p deep/below\n" in run(*words, "deep/below/out.csv").stderr
    assert "→ did you mean orders?\n" in run(*words, "order/out.csv").stderr
    assert "rows.csv/out.csv cannot be written: Not a directory" in run(*words, "rows.csv/out.csv").stderr


@pytest.mark.parametrize(
    "words",
    [
        ("export", "orders", "--to", "odcs", "--out"),
        ("import", "rows.csv", "--out"),
        ("new", "x", "--domain", "d", "--into"),
        ("backup",),
    ],
)
def test_a_folder_that_cannot_be_created_is_refused_before_the_work(
    run: Run, shop: Path, words: tuple[str, ...]
) -> None:
    done = run(*words, "rows.csv/below")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: rows.csv/below cannot be created: Not a directory\n")


@pytest.mark.parametrize("words", [("publish", "orders", "-"), ("test", "orders", "--data", "-"), ("validate", "-")])
def test_standard_input_is_not_taken_for_a_file(run: Run, shop: Path, words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert done.stderr == "error: standard input is not read here\n  → write it to a file, and name the file\n"


def test_files_that_share_a_suffix_alone_are_not_near(run: Run, shop: Path) -> None:
    done = run("test", "orders", "--data", "zq.csv")
    assert done.stderr == "error: no such file or folder: zq.csv\n"
