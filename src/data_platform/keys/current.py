"""Keys that are fetched from the keyring whenever they are used."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, Sequence
from contextlib import suppress

from data_platform.errors import NotFound
from data_platform.keys.ring import KeySupply


class CurrentKeys(Mapping[str, bytes]):
    """The keys with these ids that exist at each moment: one that is erased is missing from the next use on.

    `items` fetches all of them once. Raises StorageFailed for a key that cannot be read.
    """

    def __init__(self, supply: KeySupply, key_ids: Sequence[str]) -> None:
        self._supply = supply
        self._key_ids = tuple(key_ids)

    def __getitem__(self, key_id: str) -> bytes:
        return self._fetch()[key_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fetch())

    def __len__(self) -> int:
        return len(self._fetch())

    def items(self) -> ItemsView[str, bytes]:
        """The keys that exist now."""
        return self._fetch().items()

    def _fetch(self) -> dict[str, bytes]:
        keys: dict[str, bytes] = {}
        for key_id in self._key_ids:
            with suppress(NotFound):
                keys |= self._supply.fetch([key_id])
        return keys
