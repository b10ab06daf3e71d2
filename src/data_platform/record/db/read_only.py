"""Opens a SQLite file that can only be read: on a read-only disk, or without write permission.

SQLite keeps an index of its log in a file beside the record, and cannot create it there. A record without a log is
opened as immutable; a record with a leftover log is copied with it to a private folder and read there.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import weakref
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote


@dataclass
class Access:
    """What SQLite opens; decided at the first connection."""

    path: Path
    read_only: bool
    _target: tuple[str, bool] | None = field(default=None, repr=False)

    @classmethod
    def from_path(cls, path: Path) -> Access:
        """How this user can open the file at this moment."""
        if not path.is_file():
            return cls(path, read_only=False)
        return cls(path, read_only=not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)))

    def resolve_target(self) -> tuple[str, bool]:
        """The name for `sqlite3.connect`, and whether that is a URI."""
        if not self.read_only:
            return str(self.path), False
        if self._target is None:
            self._target = self._build_uri(), True
        return self._target

    def _build_uri(self) -> str:
        plain = f"file:{quote(str(self.path))}?mode=ro"
        try:
            with closing(sqlite3.connect(plain, uri=True)) as connection:
                connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        except sqlite3.OperationalError:
            log = self.path.with_name(f"{self.path.name}-wal")
            if not os.access(self.path, os.R_OK):
                return plain
            if not log.exists() or not log.stat().st_size:
                return f"file:{quote(str(self.path))}?immutable=1"
            return f"file:{quote(str(self._copy(log)))}?mode=rw"
        return plain

    def _copy(self, log: Path) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="data-platform-record-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        for path in (self.path, log):
            shutil.copyfile(path, folder / path.name)
        return folder / self.path.name


def is_read_only_disk(folder: Path) -> bool:
    """Whether the folder lies on a file system that is mounted read-only."""
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except (OSError, AttributeError):
        return False
