"""Run by the environment of `.ci/duckdb-iceberg.txt`: prints what DuckDB's own Iceberg extension reads, as JSON.

python duckdb_reads.py METADATA_FILE COLUMN… < /dev/null
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import duckdb


def extension(name: str) -> str:
    """The extension as its package brings it; nothing is fetched."""
    found = find_spec(f"duckdb_extension_{name}")
    assert found is not None
    assert found.origin is not None
    (path,) = Path(found.origin).parent.glob(f"extensions/v{duckdb.__version__}/{name}.duckdb_extension")
    return str(path)


def main(metadata: str, *columns: str) -> None:
    """Prints the rows and the snapshots' numbers."""
    con = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    for name in ("avro", "iceberg"):
        con.execute(f"LOAD '{extension(name)}'")
    names = ", ".join(f'"{column}"' for column in columns)
    rows = con.execute(f"SELECT {names} FROM iceberg_scan($file) ORDER BY ALL", {"file": metadata}).fetchall()
    snapshots = con.execute("SELECT count(*) FROM iceberg_snapshots($file)", {"file": metadata}).fetchone()
    print(json.dumps({"rows": rows, "snapshots": snapshots}, default=str))


if __name__ == "__main__":
    main(*sys.argv[1:])
