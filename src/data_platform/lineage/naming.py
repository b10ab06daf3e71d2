"""Names by which lineage tools know a dataset or a job (OpenLineage, Naming.md): a namespace, and a name within it.

A dataset is named after its location, so that events of Spark, dbt or Airflow about the same table have the same name.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

PLATFORM = "data-platform"
"""The namespace of what has no place of its own: an output by its logical name, a source that cannot be placed."""


class Name(NamedTuple):
    """A dataset's or a job's identity."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


def name_job(domain: str, product: str, output: str, part: str | None = None) -> Name:
    """What builds an output, or the `part` of the work around it: its domain is the namespace."""
    return Name(domain, ".".join(filter(None, (product, output, part))))


def name_output(product: str, output: str) -> Name:
    """An output as products name it, wherever it lies."""
    return Name(PLATFORM, f"{product}.{output}")


def name_file(path: str) -> Name:
    """A local file, or the folder of a table."""
    return Name("file", path)


def name_place(uri: str) -> Name:
    """The place of a table: a folder of a disk by its path, `s3://bucket/key` by its bucket and its key."""
    parts = urlsplit(uri)
    path = unquote(parts.path, errors="surrogateescape")
    return name_file(path) if parts.scheme == "file" else Name(f"{parts.scheme}://{parts.netloc}", path.strip("/"))


def name_postgres_table(host: str, port: int, database: str, table: str) -> Name:
    """A table of Postgres; `table` may begin with its schema, which else is `public`."""
    schema, _, name = table.rpartition(".")
    return Name(f"postgres://{host}:{port}", f"{database}.{schema or 'public'}.{name}")


def name_stream(topic: str) -> Name:
    """A topic of the mesh's own stream log."""
    return Name(PLATFORM, topic)
