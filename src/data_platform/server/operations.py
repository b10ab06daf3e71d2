"""The operations of the API: the verbs that are served, by path and method."""

from __future__ import annotations

from collections.abc import Mapping

from data_platform.verbs.registry import VERBS
from data_platform.verbs.verb import Verb

DATA_VERB = "Publish"
"""The verb with data beside its request."""
LATEST = "latest"
VERSION_DATA = "/products/{product}/outputs/{output}/versions/{version}/data"
"""A second path of Consume; the version is a number, or `latest`."""
EXTRA = {
    ("GET", "/products"): ("Search", "ListProducts"),
    ("GET", "/products/{product}/outputs/{output}/versions"): ("Versions", "VersionsOfOutput"),
    ("GET", VERSION_DATA): ("Consume", "ConsumeOfVersion"),
}
"""Further places of verbs: the verb, and the name of the operation."""


def list_operations() -> Mapping[str, Mapping[str, Verb]]:
    """The verbs by path and method."""
    operations: dict[str, dict[str, Verb]] = {}
    served = [((verb.method, verb.path), verb) for verb in VERBS.values() if verb.served]
    for (method, path), verb in (*served, *((place, VERBS[name]) for place, (name, _) in EXTRA.items())):
        operations.setdefault(path, {})[method] = verb
    return operations
