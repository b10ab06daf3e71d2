"""The local keyring: one file per key, readable only by its owner, wrapped by a master key.

Readers take no lock: each file is replaced atomically. Writers lock the folder, so that an erased key is not written
again by a rotation, and no key is wrapped with a master key that a rotation is removing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path

from data_platform.errors import NotFound, StorageFailed
from data_platform.keys.key_file import KeyFile, MisplacedKey, parse_key_file, serialize_key_file
from data_platform.keys.management import KEY_BYTES, KeyManagement
from data_platform.keys.private_files import MASTER_NAME, lock_folder, read_private, refuse_links, remove_drafts
from data_platform.keys.ring import LOST, earlier_key_id
from data_platform.keys.states import Erasure, KeyState, KeyStatus, Rotation
from data_platform.settings.disk import read_regular, replace_file


class LocalKeyring:
    """Keys as files of mode 0600 in one folder of mode 0700. `management` wraps them; by default, master keys there."""

    def __init__(self, folder: Path, management: KeyManagement | None = None) -> None:
        self._folder = folder
        self._given_management = management

    @cached_property
    def _management(self) -> KeyManagement:
        if self._given_management is not None:
            return self._given_management
        # loads cryptography, which no command needs that reads no personal data
        management: KeyManagement = import_module("data_platform.keys.local_masters").LocalMasterKeys(self._folder)
        return management

    def ensure(self, key_ids: Iterable[str], now: datetime) -> list[str]:
        """Creates keys that are missing or erased, and returns their ids.

        Raises StorageFailed if the master key of the existing keys is missing: a new one would hide its loss.
        """
        wanted = list(key_ids)
        if not self._list_closed(wanted):
            return []
        with self._lock("make a key"):
            closed = self._list_closed(wanted)  # another process may have been faster
            if closed:
                self._ensure_master()
            for key_id in closed:
                self._create(key_id, now)
        return closed

    def fetch(self, key_ids: Iterable[str]) -> dict[str, bytes]:
        """Returns the keys by id, and the earlier ones of each id."""
        keys: dict[str, bytes] = {}
        for key_id in key_ids:
            keys |= self._open(key_id)
        return keys

    def describe(self, key_ids: Iterable[str]) -> dict[str, KeyStatus]:
        """Returns the state of each key."""
        return {key_id: self._describe(key_id) for key_id in key_ids}

    def is_empty(self) -> bool:
        """Whether the folder has no keys; false if the file `LOST` records that they are lost."""
        return not self._list_paths() and not (self._folder / LOST).exists()

    def erase(self, key_id: str, uid: str | None, erasure: Erasure) -> None:
        """Replaces the key's file by one that holds no key; also removes what interrupted writers left.

        Raises StorageFailed, and erases nothing, if the key is elsewhere: behind a symlink, or under another name.
        """
        with self._lock("erase a key"):
            remove_drafts(self._folder)
            refuse_links([self._build_path(key_id)])
            self._refuse_copies(key_id, uid)
            file = self._find_erasable(key_id)
            if file is None and uid is None:
                self._write(KeyFile(key_id, secrets.token_hex(8), erasures=(erasure,)))
            elif file is not None and not file.is_erased and file.is_erased_by(uid, erasure):
                self._write(file.erase(erasure))

    def renew(self, key_id: str, now: datetime) -> None:
        """Creates a new key of an id, which encrypts from now on; the present one becomes an earlier one."""
        with self._lock("make a key"):
            remove_drafts(self._folder)
            file = self._read(key_id)
            self._ensure_master()
            present = self._wrap(file, self._unwrap(file)).wrapped if file.wrapped is None else file.wrapped
            renewed = self._wrap(file, secrets.token_bytes(KEY_BYTES))
            self._write(replace(renewed, made_at=now, earlier=(*file.earlier, present) if present else ()))

    def rotate(self, key_ids: Collection[str]) -> Rotation:
        """Wraps every key with a new version of the master key, then removes the earlier versions.

        A raw key that belongs to none of `key_ids` stays as it is, because its id is unknown.
        """
        with self._lock("rotate the master key"):
            remove_drafts(self._folder)
            refuse_links(self._folder.glob("*.key"))
            names = {self._build_path(key_id): key_id for key_id in key_ids}
            files = [self._read_any(path, names.get(path)) for path in self._list_paths()]
            present = [file for file in files if file is not None and not file.is_erased]
            for file in present:
                self._require(file)
            version = self._management.rotate()
            for file in present:
                self._write(self._rewrap(file))
            self._management.retire(version)
        return Rotation(version, len(present), files.count(None))

    def _build_path(self, key_id: str) -> Path:
        return self._folder / f"{hashlib.sha256(key_id.encode()).hexdigest()[:32]}.key"

    def _list_paths(self) -> list[Path]:
        return sorted(path for path in self._folder.glob("*.key") if not MASTER_NAME.fullmatch(path.name))

    def _list_closed(self, key_ids: Iterable[str]) -> list[str]:
        """The ids without a key. A key that is damaged, or whose master key is missing, is only one if it is lost."""
        statuses = {key_id: self._describe(key_id) for key_id in key_ids}
        closed = [key_id for key_id, status in statuses.items() if status.state is not KeyState.PRESENT]
        if any(statuses[key_id].problem for key_id in closed) and not (self._folder / LOST).exists():
            return [key_id for key_id in closed if not statuses[key_id].problem]
        return closed

    def _ensure_master(self) -> None:
        if self._management.find_version() is not None:
            return
        for path in self._list_paths():
            file = self._read_any(path, None)
            if file is not None and file.wrapped is not None and not (self._folder / LOST).exists():
                self._require_master(file)
        self._management.rotate()

    def _require_master(self, file: KeyFile) -> None:
        """Raises StorageFailed if the master key that wraps a key is gone, and not another key manager's."""
        try:
            self._unwrap(file)
        except NotFound as error:
            raise StorageFailed(
                f"the master key is missing from {self._folder}: no new one is made in its place",
                hint="put back the files master-*.key, or data-platform restore a backup that has them",
            ) from error

    def _create(self, key_id: str, now: datetime) -> None:
        erasures: tuple[Erasure, ...] = ()
        with suppress(FileNotFoundError, StorageFailed):
            erasures = self._parse(key_id, read_regular(self._build_path(key_id))).erasures
        file = KeyFile(key_id, secrets.token_hex(8), now, erasures=erasures)
        self._write(self._wrap(file, secrets.token_bytes(KEY_BYTES)))

    def _wrap(self, file: KeyFile, key: bytes) -> KeyFile:
        return replace(file, wrapped=self._management.wrap(key, file.key_id), raw=None)

    def _rewrap(self, file: KeyFile) -> KeyFile:
        if file.wrapped is None:
            return self._wrap(file, file.raw or b"")
        wrapped, *earlier = (self._management.rewrap(wrapped, file.key_id) for wrapped in (file.wrapped, *file.earlier))
        return replace(file, wrapped=wrapped, earlier=tuple(earlier))

    def _unwrap_all(self, file: KeyFile) -> dict[str, bytes]:
        """The key of a file, and its earlier ones, by the ids that `fetch` gives them."""
        keys = {file.key_id: self._unwrap(file)}
        for number, wrapped in enumerate(file.earlier, 1):
            keys[earlier_key_id(file.key_id, number)] = self._unwrap(replace(file, wrapped=wrapped))
        return keys

    def _unwrap(self, file: KeyFile) -> bytes:
        if file.wrapped is None:
            return file.raw or b""
        key = self._management.unwrap(file.wrapped, file.key_id)
        if len(key) != KEY_BYTES:
            raise StorageFailed(f"the key of {file.key_id} is damaged: {len(key)} bytes instead of {KEY_BYTES}")
        return key

    def _require(self, file: KeyFile) -> None:
        """Opens the keys of a file, for a rotation; raises StorageFailed if their master key is missing."""
        try:
            self._unwrap_all(file)
        except NotFound as error:
            raise StorageFailed(
                f"the key of {file.key_id} does not open: {error.message}",
                hint="put back the files master-*.key, or erase the key if they are gone for good",
            ) from error

    def _find_erasable(self, key_id: str) -> KeyFile | None:
        """The key's file; None for one that is absent, or so damaged that no key is there. Raises MisplacedKey."""
        try:
            return self._parse(key_id, read_regular(self._build_path(key_id)))
        except MisplacedKey:
            raise
        except (FileNotFoundError, StorageFailed):
            return None

    def _refuse_copies(self, key_id: str, uid: str | None) -> None:
        """Raises StorageFailed if another file holds the key: it would survive an erasure."""
        for path in self._list_paths():
            if path != self._build_path(key_id) and self._holds(path, key_id, uid):
                raise StorageFailed(
                    f"the key of {key_id} is not erased: {path} holds it too, or instead",
                    hint=f"remove a copy; the file of this key is {self._build_path(key_id).name}",
                )

    def _holds(self, path: Path, key_id: str, uid: str | None) -> bool:
        try:
            file = parse_key_file(path.name, read_regular(path), key_id)
        except (OSError, StorageFailed):
            return False
        return not file.is_erased and (file.raw is None or file.uid == uid)

    def _write(self, file: KeyFile) -> None:
        replace_file(self._build_path(file.key_id), serialize_key_file(file), 0o600)

    def _open(self, key_id: str) -> dict[str, bytes]:
        file = self._read(key_id)
        while True:
            try:
                return self._unwrap_all(file)
            except NotFound:
                again = self._read(key_id)
                if again.wrapped == file.wrapped:
                    raise
                file = again  # a rotation has wrapped it meanwhile

    def _read(self, key_id: str) -> KeyFile:
        try:
            file = self._parse(key_id, read_private(self._build_path(key_id), f"the key of {key_id}"))
        except FileNotFoundError:
            raise NotFound(f"the key of {key_id} is missing") from None
        except OSError as error:
            raise StorageFailed(f"cannot read the key of {key_id}: {error.strerror}") from error
        if file.is_erased:
            raise NotFound(f"the key of {key_id} no longer exists: {file.erasures[-1]}")
        return file

    def _read_any(self, path: Path, key_id: str | None) -> KeyFile | None:
        """The file at a path; None for a raw key without `key_id`."""
        content = read_private(path, f"the key {path.name}")
        if key_id is None and len(content) == KEY_BYTES:
            return None
        file = parse_key_file(f"the key {path.name}", content, key_id)
        if self._build_path(file.key_id) != path:
            raise StorageFailed(f"the key {path.name} is the key of {file.key_id}, under another name")
        return file

    def _parse(self, key_id: str, content: bytes) -> KeyFile:
        return parse_key_file(f"the key of {key_id}", content, key_id)

    def _describe(self, key_id: str) -> KeyStatus:
        path = self._build_path(key_id)
        try:
            file = self._parse(key_id, read_regular(path))
            made_at = file.made_at
            if file.raw is not None:
                made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            opens = file.wrapped is None or self._management.can_unwrap(file.wrapped)
        except FileNotFoundError:
            return KeyStatus(KeyState.MISSING)
        except StorageFailed as error:
            return KeyStatus(KeyState.MISSING, problem=error.message)
        except OSError as error:
            return KeyStatus(KeyState.MISSING, problem=f"cannot read the key of {key_id}: {error.strerror}")
        if file.is_erased:
            return KeyStatus(KeyState.ERASED, erasures=file.erasures)
        master = None if file.wrapped is None else file.wrapped.version
        manager = None if file.wrapped is None else file.wrapped.master.partition(":")[0]
        status = KeyStatus(KeyState.PRESENT, file.uid, made_at, master, manager, file.erasures, len(file.earlier))
        if not opens:
            return replace(status, state=KeyState.MISSING, problem=f"master key {master} is missing")
        return status

    @contextmanager
    def _lock(self, purpose: str) -> Iterator[None]:
        try:
            with lock_folder(self._folder):
                yield
        except OSError as error:
            raise StorageFailed(f"cannot {purpose} in {self._folder}: {error.strerror}") from error
