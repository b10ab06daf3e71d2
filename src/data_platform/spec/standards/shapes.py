"""The fields of ODCS 3.2.0 and ODPS 1.1.0: what each of their objects may contain, as a word for its kind.

`text`, `number`, `flag`, `texts`, `list`, `mapping` and `any` are plain; another word is an object of that name here,
and `list:NAME` a list of those. A field with an exclamation mark is required. https://bitol.io
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data_platform.spec.rules.model import DIMENSIONS


@dataclass(frozen=True, slots=True)
class Shape:
    """An object of a standard: the kinds of its fields, and which of them it cannot do without."""

    fields: Mapping[str, str]
    required: frozenset[str]


def _read_shapes(text: Mapping[str, str]) -> Mapping[str, Shape]:
    shapes = {}
    for name, fields in text.items():
        pairs = [field.partition(":") for field in fields.split()]
        kinds = {field.rstrip("!"): kind or "text" for field, _, kind in pairs}
        shapes[name] = Shape(kinds, frozenset(field[:-1] for field, _, _ in pairs if field.endswith("!")))
    return shapes


ODCS = _read_shapes(
    {
        "Contract": "version! kind! apiVersion! id! name tenant tags:texts status servers:list dataProduct "
        "description:mapping domain context:any schema:list:Table support:list:Support price:Pricing "
        "team:Team roles:list:Role slaDefaultElement slaProperties:list:Promise "
        "authoritativeDefinitions:list:Definition customProperties:list:CustomProperty contractCreatedTs",
        "Table": "id name! physicalType description businessName deprecated:flag synonyms:list:Synonym "
        "authoritativeDefinitions:list:Definition tags:texts customProperties:list:CustomProperty logicalType "
        "physicalName dataGranularityDescription properties:list:Property "
        "relationships:list:TableRelationship quality:list:Check context:any",
        "Synonym": "id synonym! description locale source status customProperties:list:CustomProperty",
        "CustomProperty": "id property! value!:any description vendor",
        "Definition": "id url! type! description",
        "Property": "logicalTypeOptions:mapping map:Map items:Property properties:list:Property id name physicalType "
        "description businessName deprecated:flag synonyms:list:Synonym "
        "authoritativeDefinitions:list:Definition tags:texts customProperties:list:CustomProperty "
        "primaryKey:flag primaryKeyPosition:number logicalType physicalName required:flag unique:flag "
        "semanticType partitioned:flag partitionKeyPosition:number classification encryptedName "
        "transformSourceObjects:texts transformLogic transformDescription examples:list enum:list:EnumValue "
        "criticalDataElement:flag relationships:list:Relationship quality:list:Check",
        "Map": "key!:Property value!:Property",
        "EnumValue": "value!:any label id description customProperties:list:CustomProperty "
        "authoritativeDefinitions:list:Definition tags:texts",
        "Relationship": "id type from:any to!:any customProperties:list:CustomProperty",
        "Check": "engine implementation:any mustNotBeBetween:list mustBeBetween:list mustBeLessOrEqualTo:number "
        "mustBeLessThan:number mustBeGreaterOrEqualTo:number mustBeGreaterThan:number mustNotBe:any "
        "mustBe:any query metric rule arguments:mapping id authoritativeDefinitions:list:Definition "
        "businessImpact customProperties:list:CustomProperty description dimension method name schedule "
        "scheduler severity tags:texts type unit",
        "TableRelationship": "from!:any to!:any id type customProperties:list:CustomProperty",
        "Support": "id channel! url description tool scope invitationUrl customProperties:list:CustomProperty",
        "Pricing": "id priceAmount:number priceCurrency priceUnit",
        "Team": "id name description members:list:TeamMember tags:texts customProperties:list:CustomProperty "
        "authoritativeDefinitions:list:Definition",
        "TeamMember": "id username! name description role dateIn dateOut replacedByUsername tags:texts "
        "customProperties:list:CustomProperty authoritativeDefinitions:list:Definition",
        "Role": "id role! description access firstLevelApprovers secondLevelApprovers "
        "customProperties:list:CustomProperty",
        "Promise": "id property! value!:any valueExt:any unit element driver description scheduler schedule "
        "customProperties:list:CustomProperty authoritativeDefinitions:list:Definition",
    }
)

ODPS = _read_shapes(
    {
        "Product": "apiVersion! kind! id! name deprecated:flag synonyms:list:Synonym version status domain type "
        "context:Context tenant authoritativeDefinitions:list:Definition description:Description "
        "customProperties:list:CustomProperty tags:texts inputPorts:list:InputPort "
        "outputPorts:list:OutputPort managementPorts:list:ManagementPort support:list:Support team:Team "
        "productCreatedTs",
        "Synonym": "id synonym! description locale source status customProperties:list:CustomProperty",
        "CustomProperty": "id property! value!:any description vendor",
        "Context": "instructions verifiedStatements:list:Statement constraints:list:Restriction",
        "Statement": "id question! answer authoritativeDefinitions:list:Definition tags:texts "
        "customProperties:list:CustomProperty",
        "Definition": "id type! url! description",
        "Restriction": "id constraint! authoritativeDefinitions:list:Definition tags:texts "
        "customProperties:list:CustomProperty",
        "Description": "purpose limitations usage authoritativeDefinitions:list:Definition "
        "customProperties:list:CustomProperty",
        "InputPort": "deprecated:flag id name! version contractId tags:texts customProperties:list:CustomProperty "
        "authoritativeDefinitions:list:Definition",
        "OutputPort": "deprecated:flag id name! description type version contractId sbom:list:SBOM "
        "inputContracts:list:InputContract synonyms:list:Synonym tags:texts "
        "customProperties:list:CustomProperty authoritativeDefinitions:list:Definition context:Context",
        "SBOM": "id type url tags:texts customProperties:list:CustomProperty authoritativeDefinitions:list:Definition",
        "InputContract": "id! version!",
        "ManagementPort": "deprecated:flag id name! content! type url channel description tags:texts "
        "customProperties:list:CustomProperty authoritativeDefinitions:list:Definition",
        "Support": "id channel! url! description tool scope invitationUrl tags:texts "
        "customProperties:list:CustomProperty authoritativeDefinitions:list:Definition",
        "Team": "name description members:list:TeamMember tags:texts customProperties:list:CustomProperty "
        "authoritativeDefinitions:list:Definition",
        "TeamMember": "id username! name description role dateIn dateOut replacedByUsername tags:texts "
        "customProperties:list:CustomProperty authoritativeDefinitions:list:Definition",
    }
)

CHOICES: Mapping[str, tuple[str, ...]] = {
    "Table.logicalType": ("object", "blob"),
    "Property.logicalType": (
        "string",
        "date",
        "timestamp",
        "time",
        "number",
        "integer",
        "object",
        "array",
        "boolean",
        "map",
        "vector",
    ),
    "Property.semanticType": ("column", "measure", "dimension"),
    "Relationship.type": ("foreignKey",),
    "Check.metric": ("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"),
    "Check.dimension": DIMENSIONS,
    "Check.type": ("text", "library", "sql", "custom"),
    "TableRelationship.type": ("foreignKey",),
}
"""The fields that are one of a few words."""
