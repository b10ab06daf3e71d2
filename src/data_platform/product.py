"""DataProduct: the interface of a domain team."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar

from data_platform.engine.origin import Origin
from data_platform.engine.traced import TracedRows
from data_platform.errors import BadInput, NotFound
from data_platform.pipelines.discovery import find_pipelines, resolve_path
from data_platform.pipelines.pipeline import Build, Pipeline, list_consumed, record_consumed, track_reads
from data_platform.pipelines.run_report import report_run
from data_platform.pipelines.schedule import check_cron
from data_platform.pipelines.sources import read_source
from data_platform.platform import Platform
from data_platform.platform.publishing import Watch
from data_platform.settings.read_options import STANDARD, ReadOptions
from data_platform.spec.product.loading import ProductFile, load_product
from data_platform.spec.product.model import Output
from data_platform.spec.product.output_names import OutputName
from data_platform.spec.product.publish_mode import PublishMode
from data_platform.spec.product.reference import Reference
from data_platform.spec.product.semver import SemVer
from data_platform.spec.rules.model import Rule
from data_platform.spec.text.names import find_nearest, quote_text, quote_value
from data_platform.verbs.publishing.publish import Publish
from data_platform.verbs.results import PublishResult, Registration

if TYPE_CHECKING:
    from data_platform.engine.frame import DataFrame

F = TypeVar("F", bound=Build)
_SUFFIXES = ("csv", "json", "jsonl", "ndjson", "parquet", "pq", "gz")
"""The last words of the names of data files, which no output's name has behind a dot."""


class ProductOutputs(tuple[Output, ...]):
    """The outputs of one product.yaml, in its order; `file` is the product that declares them, with its schemas."""

    file: ProductFile

    def __new__(cls, file: ProductFile) -> ProductOutputs:
        """The outputs of `file`."""
        outputs = super().__new__(cls, file.product.outputs)
        outputs.file = file
        return outputs


class DataProduct:
    """One product.yaml, and the platform it is published to.

    `path` is the file or its folder; a relative one begins at the working directory, in a pipeline file at the file's
    product. Raises InvalidSpec with every problem of the file.
    """

    def __init__(self, path: str | Path, platform: Platform | None = None) -> None:
        self.file: ProductFile = load_product(resolve_path(path))
        if not isinstance(platform, Platform | NoneType):
            raise BadInput(f"platform must be a Platform, and not {quote_value(platform)}", hint="Platform.open()")
        self.pipelines: dict[str, Pipeline] = {}
        self._given = platform

    @classmethod
    def load(cls, path: str | Path, platform: Platform | None = None) -> DataProduct:
        """The same as `DataProduct(path)`."""
        return cls(path, platform)

    @classmethod
    def with_pipeline(cls, path: str | Path, output: str | None = None) -> DataProduct:
        """The product as the pipeline files beside a product.yaml declare it, with the pipeline of `output` if any has.

        Raises NotFound when there is no such file, BadInput when two pipelines are declared, InvalidSpec with file and
        line where a pipeline file fails.
        """
        product = cls(path)
        output = product._resolve_output_name(output)
        values = {id(value): value for module in find_pipelines(product.file.path) for value in vars(module).values()}
        same = [
            candidate
            for candidate in values.values()
            if isinstance(candidate, cls) and candidate._is_of(product.file.path)
        ]
        matches = [candidate for candidate in same if output in candidate.pipelines]
        if len(matches) > 1:
            raise BadInput(f"{product.name}.{output} has two pipelines", hint="keep one @product.pipeline of it")
        return matches[0] if matches else product

    def __repr__(self) -> str:
        product = self.file.product
        return f"DataProduct({product.name}, domain {product.domain}, outputs {', '.join(self._list_outputs())})"

    @property
    def name(self) -> str:
        """The product's name."""
        return self.file.product.name

    @property
    def outputs(self) -> ProductOutputs:
        """The outputs as product.yaml declares them, which know the file and its schemas."""
        return ProductOutputs(self.file)

    @cached_property
    def platform(self) -> Platform:
        """The platform that was given, else the one whose home is found from product.yaml and the working directory."""
        return self._given or Platform.open(products=[self.file.path])

    def register(self) -> Registration:
        """Makes the product known to the mesh, or its changed contract; idempotent."""
        return self.platform.register(self.file)

    def publish(
        self,
        output: str | None,
        data: Any,
        *,
        lineage: Iterable[str | Origin] | None = None,
        expectations: Sequence[Rule] = (),
        watch: Watch | None = None,
        allow_missing_columns: bool = False,
        allow_empty: bool = False,
        options: ReadOptions = STANDARD,
        run: str | None = None,
        mode: PublishMode | str = PublishMode.OVERWRITE,
    ) -> PublishResult:
        """Makes the output's next version of `data`, or raises with the reason and leaves everything as it was.

        A version is a whole table. `mode` says what it has: overwrite, `data` alone; append, the rows of the version
        before too; overwrite_partitions, those of its partitions in which `data` has no rows. None means the only
        output.

        `data` is any Arrow-speaking table, dicts (a list or an iterator), our DataFrame, or a path. What it came from
        is taken from the DataFrame; `lineage` says it by hand, as `product.output`, `product.output#3` or an Origin.
        `options` say how a text file is written, where it is not as the standards say. `run` is the id of the run, of
        `Platform.start_run`, that built the data.

        An output without a schema refuses data that lacks a column of its earlier versions, or every row, unless
        `allow_missing_columns` or `allow_empty` says that it is meant so.
        """
        self._refuse_swapped(output, data)
        request = self._make_request(output, data, lineage, expectations)
        request = replace(
            request,
            allow_missing_columns=allow_missing_columns,
            allow_empty=allow_empty,
            options=options,
            run=run,
            mode=PublishMode.parse(mode),
        )
        return self.platform.publish(request, data, watch)

    def consume(
        self,
        product: str | Reference,
        output: str | None = None,
        version: int | None = None,
        as_of: datetime | date | str | None = None,
        columns: Sequence[str] | None = None,
        mask: bool = False,
    ) -> DataFrame:
        """A lazy DataFrame over another product's output; the read is recorded with this product as its purpose.

        `product` is `PRODUCT[.OUTPUT][@MAJOR][#VERSION]`, or the product's name with `output` and `version` beside it.
        An output that `inputs` declares with a `version` is read in that major, unless `output` names one itself.
        """
        name = self._pin_major(Reference.parse(product, output, version))
        frame = self.platform.consume(name, as_of=as_of, columns=columns, mask=mask, purpose=f"product {self.name}")
        for origin in frame.provenance:
            record_consumed(origin)
        return frame

    def read_source(self, name: str, table: str) -> DataFrame:
        """A table of a source that settings.toml declares."""
        origin = Origin("source", name, table)
        record_consumed(origin)
        # imported here: the engine takes 30 MB and 0.2 s to load, and most publishes read no source
        from data_platform.engine.frame import from_table

        return from_table(read_source(self.platform.settings, name, table), origin)

    def pipeline(self, output: str, schedule: str | None = None, expectations: Sequence[Rule] = ()) -> Callable[[F], F]:
        """Declares the function below it as what builds `output`; `schedule` is a cron expression of five fields."""
        output = self._resolve_output_name(output)
        if schedule is not None:
            check_cron(str(schedule))
        rules = _check_expectations(expectations)
        if output in self.pipelines:
            raise BadInput(f"{self.name}.{output} has a pipeline already: {self.pipelines[output].build.__name__}")

        def declare(build: F) -> F:
            self.pipelines[output] = Pipeline(output, build, schedule, rules)
            return build

        return declare

    def run(
        self,
        output: str | None = None,
        watch: Watch | None = None,
        *,
        allow_missing_columns: bool = False,
        allow_empty: bool = False,
        options: ReadOptions = STANDARD,
    ) -> PublishResult:
        """Builds `output` by its pipeline and publishes it, with what the pipeline consumed as lineage.

        The run is recorded: `Platform.runs` lists it, with its end and what the pipeline printed and logged.
        `allow_missing_columns`, `allow_empty` and `options` are those of `publish`.
        """
        output = self._resolve_output_name(output)
        pipeline = self.pipelines.get(output)
        if pipeline is None:
            raise NotFound(
                f"{self.name}.{output} has no pipeline",
                hint=f'decorate a function with @product.pipeline(output="{output}")',
            )
        with report_run(self.platform, self.file, output) as report, track_reads() as consumed:
            data = pipeline.build()
            if data is None:
                raise BadInput(
                    f"the pipeline of {self.name}.{output} returned nothing", hint="return the rows to publish"
                )
            lineage = None if _find_provenance(data) else tuple(consumed)
            request = self._make_request(output, data, lineage, pipeline.expectations)
            request = replace(
                request,
                allow_missing_columns=allow_missing_columns,
                allow_empty=allow_empty,
                options=options,
                run=report.id,
            )
            result = self.platform.publish(request, data, watch)
        return replace(result, warnings=(*result.warnings, *report.warnings))

    def _make_request(
        self, output: str | None, data: Any, lineage: Iterable[str | Origin] | None, expectations: Sequence[Rule]
    ) -> Publish:
        """The publish of `data`, with what it came from."""
        made_from: dict[str, Any] = {}
        if isinstance(data, TracedRows):
            made_from = {"column_lineage": data.column_lineage, "sql": data.outline}
        return Publish(
            self.name,
            self._resolve_output_name(output),
            self.file,
            _resolve_lineage(data, lineage),
            tuple(replace(rule, origin="pipeline") for rule in _check_expectations(expectations)),
            consumed=list_consumed(),
            **made_from,
        )

    def _refuse_swapped(self, output: object, data: object) -> None:
        """Raises BadInput if the data is given first and the output second."""
        if output is None or (isinstance(output, str) and output.rpartition(".")[2].lower() not in _SUFFIXES):
            return
        name = data if isinstance(data, str) and data.partition("@")[0] in self._list_outputs() else "OUTPUT"
        given = repr(str(output)) if isinstance(output, str | Path) else "data"
        what = f"the output comes first and the data second, and the first is {_describe_argument(output)}"
        raise BadInput(f"publish: {what}", hint=f"product.publish({name!r}, {given})")

    def _is_of(self, path: Path) -> bool:
        return self.file.path.resolve() == path.resolve()

    def _list_outputs(self) -> list[str]:
        return [self.file.product.label(output) for output in self.file.product.outputs]

    def _pin_major(self, name: Reference) -> Reference:
        """The name in the major that `inputs` declares, unless it says one itself."""
        if name.major is not None:
            return name
        inputs = [needed for needed in self.file.product.inputs if needed.data_product == name.product]
        declared = [needed for needed in inputs if name.output in (None, needed.output)]
        if len(declared) != 1:
            return name
        return replace(name, output=declared[0].output, major=declared[0].wanted.major)

    def _resolve_output_name(self, text: str | None) -> str:
        """`OUTPUT[@MAJOR]` of an output that the product has; the product's name may precede it.

        None and an empty text mean the only output. Raises NotFound, BadInput.
        """
        text = text.removeprefix(f"{self.name}.") if isinstance(text, str) else text
        name = Reference.parse(self.name, text or None).refuse_version("a publish")
        wanted = name.output_name or ""
        output = self.file.product.find_output(wanted)
        if output is not None:
            return str(OutputName(output.name, name.major))
        if name.output is None and len(self._list_outputs()) > 1:
            raise BadInput(
                f"{self.name} has {len(self._list_outputs())} outputs", hint=f"name one: {self._format_choices()}"
            )
        if name.major is not None and (same := self._list_versions(name.output)):
            raise NotFound(f"product.yaml lists no output {wanted}", hint=_explain_major(name, same))
        close = find_nearest(wanted, self._list_outputs())
        hint = f"did you mean {close}?" if close else f"it has {self._format_choices()}"
        raise NotFound(f"{self.name} has no output {wanted}", hint=hint)

    def _list_versions(self, output: str | None) -> dict[str, str]:
        """The contract version of each major of the output that product.yaml lists, by label; None is every output."""
        product = self.file.product
        same = [item for item in product.outputs if output in (None, item.name)]
        return {product.label(item): product.output_version(item) for item in same}

    def _format_choices(self) -> str:
        return ", ".join(self._list_outputs()) or "none"


def _explain_major(name: Reference, versions: Mapping[str, str]) -> str:
    """What to write in product.yaml so that it lists the major beside those that it lists."""
    major = name.major or 0
    base = name.output or next(iter(versions)).partition("@")[0]
    listed = ", ".join(f"{label} as version {version}" for label, version in versions.items())
    if major > max(SemVer.parse(version).major for version in versions.values()):
        return f'it lists {listed}: to begin major {major}, write version: "{major}.0.0"'
    version = f"{major}.0.0" if major else "0.1.0"
    present = max(versions.values(), key=lambda text: SemVer.parse(text).major)
    return "\n".join(
        [
            f"it lists {listed}; to publish to {base}@{major} too, list {base} twice in outputs:",
            f'the entry that major {major} had, with its schema, rules and sla, and version: "{version}"',
            f'and the present entry, with version: "{present}"',
        ]
    )


def _describe_argument(value: object) -> str:
    """A path in quotes, and of anything else the type: it may be rows of data."""
    return quote_text(str(value)) if isinstance(value, str | Path) else f"a {type(value).__name__}"


def _resolve_lineage(data: Any, by_hand: Iterable[str | Origin] | None) -> Mapping[Origin, frozenset[str]]:
    if by_hand is not None:
        if isinstance(by_hand, str) or not isinstance(by_hand, Iterable):
            raise BadInput(f"lineage is a list of names, and not {quote_value(by_hand)}", hint='["orders.orders_fact"]')
        return {_parse_origin(reference): frozenset() for reference in by_hand}
    return _find_provenance(data)


def _check_expectations(expectations: object) -> tuple[Rule, ...]:
    rules = tuple(expectations) if isinstance(expectations, Iterable) and not isinstance(expectations, str) else None
    if rules is None or not all(isinstance(rule, Rule) for rule in rules):
        hint = 'data_platform.quality makes them, such as expect_column_values_to_not_be_null("id")'
        raise BadInput(f"expectations is a list of rules, and not {quote_value(expectations)}", hint=hint)
    return rules


def _find_provenance(data: Any) -> Mapping[Origin, frozenset[str]]:
    return data.provenance if isinstance(data, TracedRows) else {}


def _parse_origin(reference: str | Origin) -> Origin:
    if isinstance(reference, Origin):
        return reference
    name = Reference.parse(reference)
    return Origin("product", name.product, name.output_name or "", name.version)
