"""The one list of verbs. The dispatcher, the access check, the rule of the audit log, routes and clients come from it.

An entry is a verb: the class of its request, the function that answers it, the action and the scope that the access
check asks for, its HTTP method and path, and the acts that it may leave in the audit log.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from data_platform.verbs.registry.access_verbs import ACCESS_VERBS
from data_platform.verbs.registry.anonymisation_verbs import ANONYMISATION_VERBS
from data_platform.verbs.registry.glossary_verbs import GLOSSARY_VERBS
from data_platform.verbs.registry.identity_verbs import IDENTITY_VERBS
from data_platform.verbs.registry.insight_verbs import INSIGHT_VERBS
from data_platform.verbs.registry.key_verbs import KEY_VERBS
from data_platform.verbs.registry.mesh_verbs import MESH_VERBS

_ALL = (
    *MESH_VERBS,
    *INSIGHT_VERBS,
    *IDENTITY_VERBS,
    *ACCESS_VERBS,
    *ANONYMISATION_VERBS,
    *GLOSSARY_VERBS,
    *KEY_VERBS,
)
VERBS = {verb.request: verb for verb in _ALL}
"""Each verb by the name of its request's class. Modules are named by text, so that only the needed one is loaded."""


def load_function(place: str) -> Callable[..., Any]:
    """The function at `module:name` below `verbs`."""
    module, _, name = place.partition(":")
    function: Callable[..., Any] = getattr(import_module(f"data_platform.verbs.{module}"), name)
    return function


def load_request(name: str) -> type:
    """The request class of that name."""
    module = VERBS[name].place.partition(":")[0]
    request: type = getattr(import_module(f"data_platform.verbs.{module}"), name)
    return request
