"""The page of events, written from the kinds that the recorder knows."""

from __future__ import annotations

from data_platform.record.operations.event_kinds import EventKind
from data_platform.verbs.events.kinds import EVENT_SHAPES, EventShape

HEAD = """\
# Events

<!-- Written by `make docs` from docs/event_page.py. -->

Every act that changes the mesh is recorded as an event, in the transaction of the act. A destination of the outbox
declares the kinds that it wants, and is sent each such event at least once, those of one ordering key in order.
OpenLineage is one destination ([OpenLineage](../guides/openlineage.md)); CONTRIBUTING.md says how to add another.

A destination that takes facts is sent one JSON object for each event:

```text
{
  "id": 41,
  "kind": "incident_opened",
  "subject": "orders.orders_fact",
  "product": "orders",
  "output": "orders_fact",
  "at": "2026-11-29T12:00:00.000000Z",
  "by": "ana@example.com",
  "details": {"id": 7, "cause": "publish refused", "severity": "high"}
}
```

The same `id` is the same event, sent again. The subject is that of the audit log: `PRODUCT.OUTPUT`, with `@MAJOR` where
a major is deprecated or retired. `product` and `output` are null where the subject is neither; `by` is null for
`consumed`, because who reads is not sent. `details` are those of the entry in the audit log. They never contain values
of the data, summaries of incidents or secrets; a detail without a value is left out. A receiver ignores kinds and
details that it does not know.

| Kind | Subject | When | Details | Act in the audit log |
|---|---|---|---|---|
"""

TAIL = """
A dash in the last column: the event follows from another act, which has the entry, or it is a read, which is sealed
with many others. Incidents that the mesh opens, raises or resolves by itself have no entry of their own either.
"""


def event_page() -> str:
    """docs/reference/events.md."""
    return HEAD + "".join(_describe(kind, EVENT_SHAPES[kind]) for kind in EventKind) + TAIL


def _describe(kind: EventKind, shape: EventShape) -> str:
    details = ", ".join(f"`{name}`" for name in shape.details) or "none"
    act = f"`{shape.act}`" if shape.act else "–"
    return f"| `{kind}` | `{shape.subject.replace(' or ', '` or `')}` | {shape.when} | {details} | {act} |\n"
