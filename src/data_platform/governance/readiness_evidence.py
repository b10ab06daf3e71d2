"""The facts about a product that its readiness is judged by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from data_platform.spec.access.model import AccessSpec, Visibility
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Output, Product
from data_platform.spec.schema.types import NO_CONSTRAINTS, SchemaColumn, TableSchema


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts about a product. Mappings are by the output's name, and mean its newest major.

    `rules` counts the rules of a publish. `published` is the newest data version, 0 without one. `sources` are the
    recorded sources of the newest versions. `policies` counts the policies of the domain, `violated` names those with
    an open incident. `unreported` counts broken promises without an incident, because `tick` does not run. `measured`
    counts promises that can be measured, `clock_runs` says whether maintenance ran lately, `tested` are channels of
    alerts that took a test message. `owned` are the domains in which the owner has products, `domains` counts all of
    them. `gone` are people of the product who have left. `undeclared` are sources in the mesh that `inputs` does not
    name. `endless` are open grants without an end and without a review.
    """

    product: Product
    schemas: Mapping[str, TableSchema]
    rules: Mapping[str, int]
    published: Mapping[str, int]
    sources: Sequence[tuple[str, str | None]]
    policies: int = 0
    violated: Sequence[str] = ()
    unreported: int = 0
    measured: int = 0
    clock_runs: bool = False
    tested: Collection[str] = ()
    owned: Sequence[str] = ()
    domains: int = 1
    gone: Sequence[str] = field(default=())
    undeclared: Sequence[str] = ()
    endless: Sequence[str] = ()

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The newest major of each output, in the file's order."""
        names = dict.fromkeys(output.name for output in self.product.outputs)
        newest = (self.product.find_output(name) for name in names)
        return tuple(output for output in newest if output is not None)

    @property
    def promises(self) -> int:
        """The number of freshness and availability promises."""
        promised = ((output.sla.freshness, output.sla.availability) for output in self.outputs)
        return sum(value is not None for pair in promised for value in pair)

    @property
    def columns(self) -> tuple[tuple[str, SchemaColumn], ...]:
        """Every known column, with the name of its output."""
        return tuple((o.name, column) for o in self.outputs for column in self.schemas.get(o.name) or ())

    def has_decider(self, access: AccessSpec, *, is_personal: bool) -> bool:
        """Whether an output whose access must be requested has an approver who has not left."""
        is_open = access.effective_visibility is not Visibility.RESTRICTED and not is_personal
        deciders = access.approvers or (self.product.owner,)
        return is_open or any(decider not in self.gone for decider in deciders)


def collect_contract_evidence(contract: Contract) -> Evidence:
    """The evidence of the contract alone."""
    product, schemas = contract.product, contract.schemas
    newest = {name: output for name in {o.name for o in product.outputs} if (output := product.find_output(name))}
    rules = {name: _count_demands(output, schemas.get(name)) for name, output in newest.items()}
    return Evidence(product, schemas, rules, published={}, sources=())


def _count_demands(output: Output, schema: TableSchema | None) -> int:
    """The number of demands on the data of an output: its rules, its key, and the columns with constraints."""
    constrained = sum(column.constraints != NO_CONSTRAINTS for column in schema or ())
    return len(output.rules) + bool(output.primary_key) + constrained
