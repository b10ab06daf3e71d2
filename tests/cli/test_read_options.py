"""How a text file is written is said alike to `publish`, to `test` and to a source."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data_platform.pipelines.sources import read_source
from data_platform.settings import find_home, load_settings
from tests.cli.conftest import Run

PRODUCT = "name: orders\ndomain: shop\nowner: o@example.com\noutputs:\n  - {name: orders, schema: orders.json}\n"
SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "day": {"type": "string", "format": "date"},
        "at": {"type": "string", "format": "date-time"},
        "amount": {"type": "number"},
        "note": {"type": ["string", "null"]},
    },
}
CONTENT = "1\t1.2.2026\t31.01.2026 09:30\t1.234,5\t'a\tb'\n2\t2.2.2026\t1.7.2026 9:30\t-7\tn/a\n"
OPTIONS = (
    *("--delimiter", "tab", "--quote", "'", "--encoding", "utf-16", "--null", "n/a"),
    *("--columns", "id,day,at,amount,note", "--date-format", "%d.%m.%Y", "--timestamp-format", "%d.%m.%Y %H:%M"),
    *("--decimal", ",", "--thousands", ".", "--zone", "Europe/Zurich"),
)


@pytest.fixture
def shop(folder: Path) -> Path:
    (folder / "product.yaml").write_text(PRODUCT)
    (folder / "orders.json").write_text(json.dumps(SCHEMA))
    (folder / "orders.csv").write_bytes(CONTENT.encode("utf-16"))
    return folder


def test_publish_and_test_read_what_the_options_say(run: Run, shop: Path) -> None:
    assert run("test", "product.yaml", "--data", "orders.csv").exit_code == 2
    done = run("test", "product.yaml", "--data", "orders.csv", *OPTIONS)
    assert (done.exit_code, done.stderr) == (0, "")
    assert run("publish", "product.yaml", "orders", "orders.csv").exit_code == 2
    done = run("publish", "product.yaml", "orders", "orders.csv", *OPTIONS)
    assert done.exit_code == 0, done.stderr
    rows = json.loads(run("sql", "SELECT * FROM orders.orders ORDER BY id", "--json").stdout)
    assert [row["note"] for row in rows] == ["a\tb", None]
    assert [row["amount"] for row in rows] == [1234.5, -7]
    assert [row["at"][:16].replace("T", " ") for row in rows] == ["2026-01-31 08:30", "2026-07-01 07:30"]


def test_a_source_reads_what_its_settings_say(run: Run, shop: Path) -> None:
    assert run("init").exit_code == 0
    home = find_home()
    (home.path / "settings.toml").write_text(
        f'[sources.shop]\ntype = "files"\npath = "{shop}"\ndelimiter = "\\t"\nquote = "\'"\nencoding = "utf-16"\n'
        'nulls = ["n/a"]\ncolumns = ["id", "day", "at", "amount", "note"]\ndate_format = "%d.%m.%Y"\n'
        'timestamp_format = "%d.%m.%Y %H:%M"\ndecimal = ","\nthousands = "."\nzone = "Europe/Zurich"\n'
    )
    (shop / "orders.json").unlink()
    rows = read_source(load_settings(home), "shop", "orders").to_pylist()
    assert [(row["id"], str(row["day"]), row["amount"], row["note"]) for row in rows] == [
        (1, "2026-02-01", 1234.5, "a\tb"),
        (2, "2026-02-02", -7.0, None),
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--delimiter", ";;"), "delimiter: this must be one ASCII character"),
        (("--encoding", "klingon"), "encoding: this must be the name of a text encoding"),
        (("--date-format", "dd.mm"), "date_format: this must have each of %Y, %m, %d once"),
        (("--zone", "Mars"), "zone: this must be an IANA time zone"),
        (("--decimal", ",", "--thousands", ","), "decimal and thousands must be different marks"),
    ],
)
def test_an_option_that_cannot_be_is_bad_input(run: Run, shop: Path, options: tuple[str, ...], said: str) -> None:
    done = run("test", "product.yaml", "--data", "orders.csv", *options)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_misfit_names_the_file(run: Run, shop: Path) -> None:
    (shop / "bad.csv").write_text("id,day\nx,2026-01-31\n")
    done = run("publish", "product.yaml", "orders", "bad.csv")
    assert done.exit_code == 1
    assert "bad.csv" in done.stderr and "'x' in row 1 does not fit long" in done.stderr
