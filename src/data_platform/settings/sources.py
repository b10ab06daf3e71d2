"""The sources that settings.toml declares: data outside the mesh that a pipeline may read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data_platform.settings.read_options import STANDARD, ReadOptions
from data_platform.settings.template import Template

SUFFIXES = (".parquet", ".csv", ".jsonl", ".ndjson")
"""The suffixes of files that are tables."""


@dataclass(frozen=True, slots=True)
class PostgresSource:
    """A Postgres database; `uri` is a libpq URI whose secrets are in environment variables."""

    name: str
    uri: Template


@dataclass(frozen=True, slots=True)
class FilesSource:
    """A folder with one file per table; `path` is relative to `folder`, which contains settings.toml."""

    name: str
    path: Template
    folder: Path
    options: ReadOptions = STANDARD

    def resolve_folder(self) -> Path:
        """Returns the absolute folder of the files. Raises BadInput if a variable in it is not set."""
        return (self.folder / Path(self.path.resolve()).expanduser()).resolve()


SourceSettings = PostgresSource | FilesSource
