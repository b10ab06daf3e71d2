"""What a caller sees of those who rely on a change: no hidden product, and of other people only how many they are."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from data_platform.governance.facts import Consumer
from data_platform.verbs.core.authorization.reader_names import ReaderNames
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.policies.schema_evolution import ChangeAssessment


def conceal_consumers(context: Context, conn: Connection, product: str, assessed: ChangeAssessment) -> ChangeAssessment:
    """The change of a product as the caller sees it."""
    visible = assessed.hide_consumers(find_visible_part(context, conn).hidden)
    names = ReaderNames(context, conn)
    weighed = (replace(change, consumers=_count_people(names, product, change.consumers)) for change in visible.weighed)
    return replace(visible, weighed=tuple(weighed))


def _count_people(names: ReaderNames, product: str, consumers: tuple[Consumer, ...]) -> tuple[Consumer, ...]:
    people = [consumer for consumer in consumers if consumer.owner is None and consumer.last_read is not None]
    named, others = names.split(product, people, lambda person: person.name)
    if not others:
        return consumers
    unnamed = [person for person in people if person not in named]
    columns = tuple(sorted({column for person in unnamed for column in person.columns}))
    last = max(person.last_read for person in unnamed if person.last_read is not None)
    counted = Consumer(f"{others} other readers", unnamed[0].output, columns=columns, last_read=last)
    return (*(consumer for consumer in consumers if consumer not in unnamed), counted)
