"""Names that the contract does not have: shown, hidden, or led to the right one."""

from __future__ import annotations

import pyarrow as pa
import pytest

from data_platform.errors import SchemaMismatch
from data_platform.spec.casting.cast import Caster
from data_platform.spec.schema.types import Kind, Primitive, SchemaColumn, TableSchema


@pytest.mark.parametrize("names", [("ID", "Email"), (" id", "email "), ("Id", "e-mail")])
def test_a_name_that_differs_in_case_or_blanks_only_is_named_with_the_right_one(names: tuple[str, ...]) -> None:
    contract = TableSchema(
        (SchemaColumn("id", Primitive(Kind.LONG)), SchemaColumn("email", Primitive(Kind.STRING), tags=("pii",)))
    )
    incoming = pa.schema([(name, pa.string()) for name in names])
    with pytest.raises(SchemaMismatch) as refused:
        Caster(contract, incoming, "p.t", untyped=True, file="a.csv")
    assert f"{names[0]}: differs from 'id' in case or blanks only" in str(refused.value).replace('"', "")
    assert "--no-header" not in str(refused.value.hint)
