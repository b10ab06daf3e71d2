"""The register of a contract that is recorded as it is: most of them, since every publish and every start repeat it."""

from __future__ import annotations

from sqlalchemy import Connection

from data_platform.record.catalog import outputs, products
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.record.operations import incidents
from data_platform.spec.product.loading import ProductFile, bind_columns
from data_platform.spec.product.model import Product
from data_platform.verbs.contracts.input_warnings import warn_of_inputs
from data_platform.verbs.contracts.link_warnings import warn_of_links
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.effective_contract import is_listed
from data_platform.verbs.core.lookup.resolve import find_output_row
from data_platform.verbs.policies.evaluate import evaluate_register, load_active_policies, with_inferred
from data_platform.verbs.results import Registration
from data_platform.verbs.results.incidents import WHOLE


def is_registered(row: ProductRow, file: ProductFile) -> bool:
    """Whether the file's contract is the registered one."""
    return row.stored_contract.is_of(file.contract)


def confirm_unchanged(context: Context, file: ProductFile) -> Registration | None:
    """The registration as it is, read without a lock; None where there is something to assess or to record.

    Raises PolicyViolation, and InvalidSpec for columns that the data does not have.
    """
    new = file.contract
    with context.record.reading() as conn:
        registered = products.find_with_policies(conn, new.product.name)
        if registered is None or not is_registered(registered[0], file):
            return None
        row, policy_revision = registered
        rows = outputs.list_by_product(conn, row.name)
        if not _is_in_effect(new.product, rows):
            return None
        contract = with_inferred(new, rows)
        bind_columns(file, contract.schemas)
        active = load_active_policies(context, conn, policy_revision)
        governed = evaluate_register(context, conn, active, contract, contract)
        if active.revision and (governed.violations or _has_incidents(conn, row.name)):
            return None
        warnings = (*map(str, file.warnings), *warn_of_inputs(context, conn, new), *warn_of_links(context, conn, file))
        return Registration(row.name, row.domain, row.revision, False, False, (), warnings)


def _has_incidents(conn: Connection, product: str) -> bool:
    """Whether an incident of the product as a whole is open, which keeping a policy may end."""
    return bool(incidents.list_history(conn, product, open_only=True, output=WHOLE))


def _is_in_effect(product: Product, rows: tuple[OutputRow, ...]) -> bool:
    """Whether the outputs in effect are those that the product lists: no other major is readable, none is retired."""
    if any(find_output_row(rows, product, output) is None for output in product.outputs):
        return False
    return all(row.major is not None and is_listed(product, row) is not row.retired for row in rows)
