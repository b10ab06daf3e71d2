"""Synthetic rows: ten columns of the kinds that fact tables have, seeded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PRODUCT = """\
name: bench
domain: bench
owner: bench@example.org
outputs:
  - name: facts
    type: table
    schema: facts.json
    quality_rules:
{rules}
{pii}
"""

TYPES = {
    "id": '{"type": "integer"}',
    "customer_id": '{"type": "integer"}',
    "product_id": '{"type": "integer"}',
    "quantity": '{"type": "integer", "format": "int32"}',
    "price": '{"type": "number"}',
    "amount": '{"type": "number"}',
    "status": '{"type": "string"}',
    "country": '{"type": "string"}',
    "email": '{"type": "string"}',
    "created_at": '{"type": "string", "format": "date-time"}',
}

RULES = {
    "no_null_id": "SELECT COUNT(*) FROM facts WHERE id IS NULL",
    "positive_amounts": "SELECT COUNT(*) FROM facts WHERE amount < 0",
    "positive_prices": "SELECT COUNT(*) FROM facts WHERE price <= 0",
    "quantities": "SELECT COUNT(*) FROM facts WHERE quantity NOT BETWEEN 1 AND 100",
    "statuses": "SELECT COUNT(*) FROM facts WHERE status NOT IN ('placed', 'paid', 'shipped', 'returned')",
    "countries": "SELECT COUNT(*) FROM facts WHERE length(country) <> 2",
    "customers": "SELECT COUNT(*) FROM facts WHERE customer_id < 0",
    "not_in_the_future": "SELECT COUNT(*) FROM facts WHERE created_at > TIMESTAMPTZ '2030-01-01 00:00:00+00'",
    "amount_is_price_times_quantity": "SELECT COUNT(*) FROM facts WHERE abs(amount - price * quantity) > 0.01",
    "few_returns": "SELECT COUNT(*) FROM facts WHERE status = 'returned' AND amount > 100000",
}


LONG_TYPES = TYPES | dict.fromkeys(("order_key", "session_key", "url"), '{"type": "string"}')


def schema_text(types: Mapping[str, str] = TYPES) -> str:
    properties = ", ".join(f'"{name}": {kind}' for name, kind in types.items())
    required = ", ".join(f'"{name}"' for name in types)
    return f'{{"type": "object", "required": [{required}], "properties": {{{properties}}}}}'


def product_text(pii: tuple[str, ...] = ()) -> str:
    rules = "\n".join(f'      - {{rule: {name}, sql: "{sql}", threshold: 0}}' for name, sql in RULES.items())
    return PRODUCT.format(rules=rules, pii=f"pii_columns: [{', '.join(pii)}]" if pii else "")


def rows(count: int) -> pa.Table:
    rng = np.random.default_rng(7)
    quantity = rng.integers(1, 20, count, dtype=np.int32)
    price = np.round(rng.gamma(2.0, 20.0, count) + 0.05, 2)
    customers = rng.integers(0, max(count // 20, 1), count)
    start = np.datetime64("2026-01-01T00:00:00", "us")
    return pa.table(
        {
            "id": np.arange(count),
            "customer_id": customers,
            "product_id": rng.integers(0, 5_000, count),
            "quantity": quantity,
            "price": price,
            "amount": price * quantity,
            "status": _choice(rng, ["placed", "paid", "shipped", "returned"], count),
            "country": _choice(rng, ["CH", "DE", "FR", "IT", "TH", "JP"], count),
            "email": pa.array(customers).cast(pa.string()),
            "created_at": pa.array(
                start + np.arange(count) * np.timedelta64(1_500_000, "us"), pa.timestamp("us", "UTC")
            ),
        }
    )


def with_long_strings(facts: pa.Table) -> pa.Table:
    """The rows with two keys of 33 characters and an address of 60, each different in every row."""
    rng = np.random.default_rng(11)
    keys = [_hexadecimal(rng, facts.num_rows) for _ in range(2)]
    urls = pc.binary_join_element_wise("https://shop.example.org/", keys[0], "/reviews?page=1", "")
    for name, values in zip(("order_key", "session_key", "url"), (*keys, urls), strict=True):
        facts = facts.append_column(name, values)
    return facts


def _hexadecimal(rng: np.random.Generator, count: int) -> pa.Array:
    """Text of 33 random characters: two numbers of 16 hexadecimal digits."""
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)[rng.integers(0, 16, (count, 33), dtype=np.uint8)]
    digits[:, 16] = ord("-")
    offsets = np.arange(0, 33 * (count + 1), 33, dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(offsets), pa.py_buffer(digits.tobytes())])


def _choice(rng: np.random.Generator, values: list[str], count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(rng.integers(0, len(values), count, dtype=np.int8), values).cast(pa.string())
