"""The one list of verbs: which story answers which request. Routes, the access matrix and clients come from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from data_platform.verbs.collect import Collect, collect
from data_platform.verbs.consume import Consume, consume
from data_platform.verbs.discover import Search, Show, Versions, list_versions, search, show
from data_platform.verbs.domains import DefineDomain, ListDomains, define_domain, list_domains
from data_platform.verbs.lineage import Lineage, show_lineage
from data_platform.verbs.publish import Publish, publish
from data_platform.verbs.quality import Quality, show_quality
from data_platform.verbs.register import Register, register

VERBS: dict[type, Callable[[Any, Any], Any]] = {
    Collect: collect,
    Consume: consume,
    DefineDomain: define_domain,
    Lineage: show_lineage,
    ListDomains: list_domains,
    Publish: publish,
    Quality: show_quality,
    Register: register,
    Search: search,
    Show: show,
    Versions: list_versions,
}
