"""What `pii_detection` of policies would do to the next publish of a product, as far as the record shows it.

The values of the next publish are unknown. Known are the columns in which the last publish found personal data, and the
columns whose names look like it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from data_platform.errors import Violation
from data_platform.governance.personal import list_personal_names
from data_platform.governance.policies import ActivePolicies
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.governance import judgements
from data_platform.spec.policies import PiiDetection
from data_platform.spec.product.contract import Contract
from data_platform.spec.rules.model import PII_DETECTION
from data_platform.spec.schema.types import TableSchema
from data_platform.verbs.core.lookup.resolve import find_output_row
from data_platform.verbs.policies.evaluate import list_output_rows

_BY_NAME = "its name looks like that of personal data"


def list_detections(conn: Connection, policies: ActivePolicies, contract: Contract) -> list[Violation]:
    """One violation for each column that the next publish is refused for, or warned of."""
    product = contract.product
    policy, mode = policies.find_detection(product.domain)
    if policy is None or mode is PiiDetection.OFF:
        return []
    rows, violations = list_output_rows(conn, product.name), []
    for output in product.outputs:
        label, row = product.label(output), find_output_row(rows, product, output)
        schema = contract.schemas.get(label)
        if schema is not None:
            recorded = () if row is None else _list_recorded(conn, row, schema)
            reasons = {**dict.fromkeys(list_personal_names(schema), _BY_NAME), **dict(recorded)}
            violations += [
                Violation(policy, f"{label}.{column}", reason, mode.enforcement.value)
                for column, reason in reasons.items()
            ]
    return violations


def _list_recorded(conn: Connection, row: OutputRow, schema: TableSchema) -> Iterator[tuple[str, str]]:
    """What the last publish found in columns that nobody has declared since."""
    undeclared = {column.name for column in schema if column.not_pii is None} - set(schema.masked)
    for judgement in judgements.list_history(conn, row.product, row.name, limit=1):
        for result in judgement.results:
            if result["origin"] == PII_DETECTION and result["value"] is not None and result["column"] in undeclared:
                yield result["column"], f"{result['note']} in the last publish"
