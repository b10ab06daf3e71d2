"""contract: a product's contract as it is registered, as the text of product.yaml or of a standard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection

from data_platform.errors import BadInput, NotFound
from data_platform.record.catalog import products
from data_platform.record.catalog.products import ProductRow
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Output, Product
from data_platform.spec.standards.exporting import Standard, export
from data_platform.spec.standards.product_text import write_product_text
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.publishing.rule_runner import reads_input
from data_platform.verbs.results import ContractDocuments

ContractForm = Literal["product", "odcs", "odps", "dprod"]
FORMS: tuple[ContractForm, ...] = ("product", "odcs", "odps", "dprod")


@dataclass(frozen=True, slots=True)
class ShowContract(Request[ContractDocuments]):
    """The newest contract of a product, or one of its revisions, from 1.

    `form` product is our product.yaml, the others are standards.
    """

    product: str
    form: ContractForm = "product"
    revision: int | None = None


def show_contract(context: Context, request: ShowContract) -> ContractDocuments:
    """The text, without inputs that the caller does not find and rules that read them; raises NotFound, BadInput."""
    if request.form not in FORMS:
        raise BadInput(f"there is no form {str(request.form)[:40]!a}", hint=f"form is one of {', '.join(FORMS)}")
    with context.record.reading() as conn:
        row = resolve_product(conn, request.product)
        revision = row.revision if request.revision is None else request.revision
        contract = row.contract if revision == row.revision else _find_contract(conn, row, revision)
        product = _select_visible(contract.product, find_visible_part(context, conn))
    if request.form == "product":
        texts = {"product.yaml": write_product_text(product)}
    else:
        texts = export(product, contract.schemas, Standard(request.form)).texts
    return ContractDocuments(row.name, contract.product.effective_version, revision, request.form, texts)


def _find_contract(conn: Connection, row: ProductRow, revision: int) -> Contract:
    earlier = products.find_contract(conn, row.name, revision) if 0 < revision < row.revision else None
    if earlier is None:
        raise NotFound(f"{row.name} has no contract revision {revision}", hint=f"the newest is {row.revision}")
    return earlier.contract


def _select_visible(product: Product, part: VisiblePart) -> Product:
    hidden = [needed for needed in product.inputs if not part.shows(needed.data_product)]
    if not hidden:
        return product

    def select_rules(output: Output) -> Output:
        rules = tuple(
            rule
            for rule in output.rules
            if rule.query is None or not any(reads_input(rule.query, needed) for needed in hidden)
        )
        return replace(output, rules=rules)

    inputs = tuple(needed for needed in product.inputs if needed not in hidden)
    return replace(product, inputs=inputs, outputs=tuple(map(select_rules, product.outputs)))
