"""`make demo`: three domains at work in an empty folder, by the commands a team would type."""

import os
import shutil
import sys
import time
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from data_platform.cli.main import cli

HERE = Path(__file__).parent
PLACE = HERE.parent / "demo"
CUSTOMERS, PRODUCTS, ORDERS = 20_000, 500, 200_000


def main() -> None:
    begun = time.perf_counter()
    make_place()
    make_data()
    say("The federation agrees on policies: personal data is encrypted, changes are compatible, retention is declared.")
    run("policies", "apply", "policies.yaml", "--yes")
    say("Four products of three domains are declared; nothing is published yet.")
    run("register", "customers", "products", "orders", "sales")
    say("The domains publish. Personal data is encrypted, every rule is judged before anyone sees a row.")
    run("publish", "customers", "customers_dim", "data/customers.csv")
    run("publish", "products", "products_dim", "data/products.csv")
    say("The orders of a bad night: negative amounts, customers that nobody knows. They are refused, with the rows.")
    run("publish", "orders", "orders_fact", "data/orders_bad_night.parquet", expect=1)
    say("The same orders, mended. 200,000 rows; versions have no gaps, the refusal took none.")
    run("publish", "orders", "orders_fact", "data/orders.parquet")
    say("A fourth product is built from the three by its pipeline, as one plan over their files.")
    run("run", "sales", "revenue_by_segment")
    run("consume", "sales", "revenue_by_segment", "--limit", "5")
    say("Others find it, and see what it comes from and how good it is. PII is masked for them.")
    run("search")
    run("lineage", "sales", "--depth", "2")
    run("quality", "orders")
    run("policies", "explain", "sales")
    run("consume", "customers", "customers_dim", "--limit", "3", "--mask")
    finish(time.perf_counter() - begun)


def make_place() -> None:
    """The demo's own folders anew; whatever else lies in demo/ stays."""
    ours = ["data", ".data-platform", *(folder.name for folder in (HERE / "shop").iterdir())]
    for name in ours:
        shutil.rmtree(PLACE / name, ignore_errors=True)
    shutil.copytree(HERE / "shop", PLACE, dirs_exist_ok=True)
    shutil.copy(HERE / "orders" / "policies.yaml", PLACE)
    (PLACE / "data").mkdir()
    os.chdir(PLACE)
    os.environ["DATA_PLATFORM_HOME"] = str(PLACE / ".data-platform")
    os.environ.setdefault("DATA_PLATFORM_USER", "demo")


def make_data() -> None:
    rng = np.random.default_rng(2026)
    pa.csv.write_csv(customers(rng), "data/customers.csv")
    pa.csv.write_csv(products(rng), "data/products.csv")
    good = orders(rng)
    pq.write_table(good, "data/orders.parquet")
    pq.write_table(spoiled(good), "data/orders_bad_night.parquet")


def customers(rng: np.random.Generator) -> pa.Table:
    ids = np.arange(1, CUSTOMERS + 1)
    first = rng.choice(["Anna", "Beat", "Chiara", "Dao", "Emil", "Fatima", "Gino", "Hanae"], CUSTOMERS)
    last = rng.choice(["Meier", "Rossi", "Dubois", "Suzuki", "Srisai", "Novak"], CUSTOMERS)
    segment = rng.choice(["consumer", "business", "public", ""], CUSTOMERS, p=[0.7, 0.2, 0.08, 0.02])
    since = np.datetime64("2018-01-01") + rng.integers(0, 3000, CUSTOMERS)
    return pa.table(
        {
            "customer_id": ids,
            "full_name": [f"{a} {b}" for a, b in zip(first, last, strict=True)],
            "email": [f"{a}.{b}.{n}@mail.example".lower() for a, b, n in zip(first, last, ids, strict=True)],
            "segment": pa.array(segment, mask=segment == ""),
            "country": rng.choice(["CH", "DE", "FR", "IT", "TH", "JP"], CUSTOMERS),
            "since": since,
        }
    )


def products(rng: np.random.Generator) -> pa.Table:
    category = rng.choice(["coffee", "tea", "cups", "books", "gifts"], PRODUCTS)
    return pa.table(
        {
            "product_id": np.arange(1, PRODUCTS + 1),
            "product_name": [f"{kind} no. {n}" for n, kind in enumerate(category, 1)],
            "category": category,
            "list_price": [f"{price:.2f}" for price in rng.gamma(2.0, 12.0, PRODUCTS) + 0.5],
        }
    )


def orders(rng: np.random.Generator) -> pa.Table:
    quantity = rng.integers(1, 6, ORDERS)
    cents = np.round(quantity * (rng.gamma(2.0, 12.0, ORDERS) + 0.5) * 100).astype(np.int64)
    street = rng.integers(1, 200, ORDERS)
    start = np.datetime64("2026-01-01T00:00:00", "us")
    return pa.table(
        {
            "order_id": np.arange(1, ORDERS + 1),
            "customer_id": rng.integers(1, CUSTOMERS + 1, ORDERS),
            "product_id": rng.integers(1, PRODUCTS + 1, ORDERS),
            "quantity": quantity,
            "total_amount": money(cents),
            "order_status": rng.choice(["placed", "paid", "shipped", "returned"], ORDERS, p=[0.1, 0.2, 0.65, 0.05]),
            "shipping_address": [f"{number} Example Street, 80{number % 60:02}" for number in street],
            "created_at": pa.array(start + np.arange(ORDERS) * np.timedelta64(140, "s"), pa.timestamp("us", "UTC")),
        }
    )


def money(cents: np.ndarray) -> pa.Array:
    return pa.array([Decimal(int(amount)).scaleb(-2) for amount in cents], pa.decimal128(12, 2))


def spoiled(good: pa.Table) -> pa.Table:
    """The last rows went wrong: three refunds booked as orders, two orders of customers who do not exist."""
    rows = good.slice(ORDERS - 5).to_pylist()
    for row in rows[:3]:
        row["total_amount"] = -row["total_amount"]
    for row in rows[3:]:
        row["customer_id"] += 1_000_000
    return pa.concat_tables([good.slice(0, ORDERS - 5), pa.Table.from_pylist(rows, schema=good.schema)])


def bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


def say(text: str) -> None:
    print(f"\n# {text}", flush=True)


def run(*words: str, expect: int = 0) -> None:
    print(f"\n{bold('$ data-platform ' + ' '.join(words))}", flush=True)
    try:
        cli.main(list(words))
    except SystemExit as ended:
        code = ended.code or 0
        if code != expect:
            sys.exit(f"the demo expected exit code {expect}, and got {code}")


def finish(seconds: float) -> None:
    print(
        f"""
Done in {seconds:.0f} s. The mesh lives in demo/.data-platform; go on with it:

  cd demo && source ../.venv/bin/activate
  data-platform show orders                       what a product promises, and to whom
  data-platform versions orders                   every version, still readable: consume … --version 1
  $EDITOR orders/schemas/orders_fact.json         remove a column, then: data-platform register orders
  data-platform new my-product --domain my-team   your own, ready to publish

See it in a browser: the link that this command prints opens the portal, with all of the above in it.

  data-platform serve
"""
    )


main()
