"""Quotas of domains: judged before anything is written, and while it is.

A mesh without quotas runs no statement for them. What a domain uses is read first in a transaction that only reads, so
a domain far over its quota takes no lock that others wait for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from math import ceil

from sqlalchemy import Connection

from data_platform.errors import LimitExceeded, Unavailable
from data_platform.record.operations import quotas
from data_platform.settings.quotas import Quota
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.renewal import LEASE, renewing
from data_platform.verbs.results import DomainUsage

_UNLIMITED = Quota()
_RETRY_PUBLISH = 5


def check_publish(context: Context, domain: str) -> None:
    """Raises LimitExceeded for a publish to a domain that has used its quota up."""
    quota = _find_quota(context, domain)
    if quota.stored is None and quota.publishes is None:
        return
    with context.record.reading() as conn:
        if quota.publishes is not None:
            running = quotas.count_publishes(conn, [domain], context.clock()).get(domain, 0)
            if running >= quota.publishes:
                raise _publishes_error(domain, running, quota.publishes)
        check_stored(context, conn, domain, 0)


def check_stored(context: Context, conn: Connection, domain: str, more: int) -> None:
    """Raises LimitExceeded where a version of `more` bytes is too much for the domain."""
    most = _find_quota(context, domain).stored
    if most is None:
        return
    used = quotas.map_stored_bytes(conn, [domain]).get(domain, 0)
    if used + more > most or used >= most:
        raise _stored_error(domain, used, more, most)


def limit_staged_bytes(context: Context, domain: str) -> Callable[[int], None] | None:
    """A function that takes the bytes staged so far, and raises LimitExceeded where they are too much."""
    most = _find_quota(context, domain).stored
    if most is None:
        return None
    with context.record.reading() as conn:
        used = quotas.map_stored_bytes(conn, [domain]).get(domain, 0)

    def check(staged: int) -> None:
        if used + staged > most:
            raise _stored_error(domain, used, staged, most)

    return check


@contextmanager
def publish_slot(context: Context, domain: str, id: str) -> Iterator[None]:
    """One of the publishes that the domain may run at one time; raises LimitExceeded where all run."""
    most = _find_quota(context, domain).publishes
    if most is None:
        yield
        return
    now = context.clock()
    with context.record.transaction() as tx:
        if not quotas.take_slot(tx, id, domain, most, now, now + LEASE):
            raise _publishes_error(domain, most, most)
    try:
        with renewing(lambda: _renew_slot(context, id)):
            yield
    finally:
        with suppress(Unavailable), context.record.transaction() as tx:
            quotas.release_slot(tx, id)


def admit_query(context: Context, products: Collection[str]) -> frozenset[str]:
    """The domains of these products that have a quota for queries; raises LimitExceeded for one that is used up."""
    limited = {name: quota.query_seconds for name, quota in context.settings.quotas.items() if quota.query_seconds}
    if not limited:
        return frozenset()
    now = context.clock()
    with context.record.reading() as conn:
        domains = limited.keys() & set(quotas.map_domains(conn, products).values())
        used = quotas.sum_query_seconds(conn, domains, now)
    for domain, (seconds, first) in sorted(used.items()):
        if seconds >= limited[domain]:
            raise _queries_error(domain, seconds, limited[domain], first - now)
    return frozenset(domains)


def charge_queries(context: Context, domains: frozenset[str], seconds: float) -> None:
    """Adds what a query took to the domains that it read."""
    with suppress(Unavailable), context.record.transaction() as tx:
        quotas.add_query_seconds(tx, domains, context.clock(), seconds)


def read_usage(context: Context, conn: Connection, domains: Collection[str]) -> dict[str, DomainUsage]:
    """What each of the domains uses, and its quota."""
    now = context.clock()
    stored = quotas.map_stored_bytes(conn, domains)
    running = quotas.count_publishes(conn, domains, now)
    queried = quotas.sum_query_seconds(conn, domains, now)
    usage = {}
    for domain in domains:
        quota, (seconds, _) = _find_quota(context, domain), queried.get(domain, (0.0, now))
        used = (stored.get(domain, 0), running.get(domain, 0), round(seconds, 3))
        usage[domain] = DomainUsage(*used, quota.stored, quota.publishes, quota.query_seconds)
    return usage


def _find_quota(context: Context, domain: str) -> Quota:
    return context.settings.quotas.get(domain, _UNLIMITED)


def _renew_slot(context: Context, id: str) -> None:
    with context.record.transaction() as tx:
        quotas.renew_slot(tx, id, context.clock() + LEASE)


def _stored_error(domain: str, used: int, more: int, most: int) -> LimitExceeded:
    new = f", and this publish adds {more:,}" if more else ""
    return LimitExceeded(
        f"the domain {domain} stores {used:,} bytes of the {most:,} of its quota{new}",
        hint=_make_hint(domain, "stored"),
    )


def _publishes_error(domain: str, running: int, most: int) -> LimitExceeded:
    return LimitExceeded(
        f"the domain {domain} runs {running} publishes at once, and its quota is {most}",
        retry_after=_RETRY_PUBLISH,
        hint=_make_hint(domain, "publishes"),
    )


def _queries_error(domain: str, used: float, most: int, first: timedelta) -> LimitExceeded:
    return LimitExceeded(
        f"queries of the domain {domain} took {used:,.0f} seconds in the last hour, and its quota is {most:,}",
        retry_after=max(1, ceil((first + quotas.WINDOW).total_seconds())),
        hint=_make_hint(domain, "query_seconds"),
    )


def _make_hint(domain: str, name: str) -> str:
    return f"try again later; an administrator raises {name} under [quotas.{domain}] in settings.toml"
