"""The verbs of the keys of encrypted columns."""

from __future__ import annotations

from data_platform.access.actions import Action
from data_platform.record.audit_log.acts import Act
from data_platform.verbs.verb import Scope, Verb

KEY_VERBS = (
    Verb(
        "EraseKey",
        "operations.erase_key:erase_key",
        Action.ERASE,
        Scope.OUTPUT,
        "POST /products/{product}/erasures",
        Act.ERASE,
    ),
    Verb("ListKeys", "operations.keys:list_keys", Action.OPERATE, Scope.MESH, "GET /keys", served=False),
    Verb(
        "RotateColumnKey",
        "operations.rotate_column_key:rotate_column_key",
        Action.ROTATE_KEYS,
        Scope.OUTPUT,
        "POST /products/{product}/outputs/{output}/columns/{column}/key-rotations",
        Act.KEY,
        Act.PUBLISH,
        served=False,
    ),
    Verb(
        "RotateKeys",
        "operations.keys:rotate_keys",
        Action.ROTATE_KEYS,
        Scope.MESH,
        "POST /keys/rotations",
        Act.KEY,
        served=False,
    ),
)
