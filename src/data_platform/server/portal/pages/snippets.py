"""How to read an output: commands and programs that the reader can copy, for each way that is open to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data_platform.server.portal.visit import make_path


@dataclass(frozen=True, slots=True)
class Snippet:
    """One way to read an output: the kind of client, and what to write there."""

    kind: str
    text: str


def write_snippets(product: str, output: str) -> Iterator[Snippet]:
    """How to read a table in Python, on the command line, in SQL, over HTTP, and as Arrow.

    They read what `DATA_PLATFORM_URL` names with the token in `DATA_PLATFORM_TOKEN`.
    """
    path = "/api/v1" + make_path("products", product, "outputs", output, "versions", "latest", "data")
    python = "from data_platform import Platform\n\nwith Platform.open() as platform:\n    "
    yield Snippet("python", f"{python}platform.consume({f'{product}.{output}'!r}).show()")
    yield Snippet("command", f"data-platform consume {product}.{output} --out {output.partition('@')[0]}.parquet")
    yield Snippet("sql", f'SELECT * FROM "{product}"."{output}" LIMIT 10')
    curl = 'curl -H "Authorization: Bearer $DATA_PLATFORM_TOKEN" -H "Accept: text/csv" \\\n  '
    yield Snippet("http", f'{curl}"$DATA_PLATFORM_URL{path}"')
    yield Snippet(
        "arrow",
        f"""import os, urllib.request
import pyarrow as pa

request = urllib.request.Request(
    os.environ["DATA_PLATFORM_URL"] + {path!r},
    headers={{
        "Authorization": "Bearer " + os.environ["DATA_PLATFORM_TOKEN"],
        "Accept": "application/vnd.apache.arrow.stream",
    }},
)
with urllib.request.urlopen(request) as answer:
    rows = pa.ipc.open_stream(answer).read_all()""",
    )
    yield Snippet("duckdb", 'import duckdb\n\nduckdb.sql("SELECT count(*) FROM rows").show()')
