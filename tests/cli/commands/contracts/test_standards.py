"""export and import on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Run

CONTRACT = "kind: DataContract\napiVersion: v3.1.0\nid: c\nversion: 1.0.0\nschema: [{name: t}]\n"


def test_a_product_goes_out_and_comes_back(run: Run, folder: Path) -> None:
    run("new", "orders", "--domain", "commerce")
    for standard, name in (("odps", "orders.odps.yaml"), ("odcs", "orders.odcs.yaml")):
        assert run("export", "orders/product.yaml", "--to", standard, "--out", "out").stdout == f"wrote out/{name}\n"
    done = run("import", "out/orders.odps.yaml", "out/orders.odcs.yaml", "--out", "again", "--json")
    assert json.loads(done.stdout)["files"] == ["again/product.yaml", "again/schemas/orders.json"]
    assert run("validate", "again").exit_code == 0
    for standard in ("odps", "odcs", "dprod"):
        first, second = (run("export", f"{where}/product.yaml", "--to", standard) for where in ("orders", "again"))
        assert first.stdout == second.stdout != ""


def test_several_contracts_go_to_stdout_as_documents(run: Run, folder: Path) -> None:
    (folder / "product.yaml").write_text("name: p\ndomain: d\nowner: o@x\noutputs: [{name: a}, {name: b}]\n")
    written = run("export", "product.yaml", "--to", "odcs").stdout
    assert [document["id"] for document in yaml.safe_load_all(written)] == ["p.a", "p.b"]


def test_dprod_is_json_ld_with_its_context(run: Run, folder: Path) -> None:
    (folder / "product.yaml").write_text("name: p\ndomain: d\nowner: o@x\noutputs: [{name: a}]\n")
    document = json.loads(run("export", "product.yaml", "--to", "dprod").stdout)
    assert (document["@id"], document["@type"]) == ("urn:data-product:p", "dprod:DataProduct")
    assert document["@context"]["dprod"] == "https://ekgf.github.io/dprod/"
    service = document["dprod:outputPort"][0]
    dataset = service["dprod:isAccessServiceOf"]["dprod:isDistributionOf"]
    assert (service["@type"], dataset["@id"]) == ("dcat:DataService", "urn:data-product:p:dataset:a")
    assert dataset["dct:conformsTo"]["dct:identifier"] == "p.a"


def test_import_overwrites_nothing(run: Run, folder: Path) -> None:
    (folder / "c.yaml").write_text(CONTRACT)
    assert run("import", "c.yaml", "--out", "p").exit_code == 0
    again = run("import", "c.yaml", "--out", "p")
    assert again.exit_code == 2
    assert "exists already" in again.stderr


def test_what_no_file_says_may_be_said(run: Run, folder: Path) -> None:
    (folder / "c.yaml").write_text(CONTRACT)
    done = run("import", "c.yaml", "--out", "p", "--name", "orders", "-d", "commerce", "-o", "ana@example.com")
    assert done.exit_code == 0
    product = yaml.safe_load((folder / "p/product.yaml").read_text())
    assert (product["name"], product["domain"], product["owner"]) == ("orders", "commerce", "ana@example.com")


def test_a_name_that_is_none_is_told(run: Run, folder: Path) -> None:
    (folder / "c.yaml").write_text(CONTRACT)
    done = run("import", "c.yaml", "--out", "p", "--name", "Not A Name")
    assert done.exit_code == 2
    assert '"Not A Name" is no name' in done.stderr
    assert not (folder / "p").exists()


def test_every_problem_is_told_with_its_place(run: Run, folder: Path) -> None:
    (folder / "c.yaml").write_text("kind: DataContract\nschema: x\ntags: y\n")
    done = run("import", "c.yaml", "--out", "p")
    assert done.exit_code == 2
    assert "c.yaml:1:1" in done.stderr
    assert "c.yaml:2:9" in done.stderr
    assert "c.yaml:3:7" in done.stderr


def test_an_out_that_cannot_be_written_is_told(run: Run, folder: Path) -> None:
    (folder / "product.yaml").write_text("name: p\ndomain: d\nowner: o@x\noutputs: [{name: a}]\n")
    (folder / "file").write_text("mine")
    (folder / "c.yaml").write_text(CONTRACT)
    for command in (["export", "product.yaml", "--to", "odps"], ["import", "c.yaml"]):
        for out in ("file", "file/below"):
            done = run(*command, "--out", out)
            assert done.exit_code == 2
            assert f"error: {out} cannot be" in done.stderr
    assert (folder / "file").read_text() == "mine"


def test_hostile_names_write_nothing_outside_the_folder(run: Run, folder: Path) -> None:
    (folder / "c.yaml").write_text(
        "kind: DataContract\napiVersion: v3.1.0\nid: ../../c\nname: /etc/x\nversion: 1.0.0\n"
        "schema: [{name: ../../t, properties: [{name: a, logicalType: string}]}, {name: /t}, {name: ..}]\n"
    )
    assert run("import", "c.yaml", "--out", "in").exit_code == 0
    for standard in ("odps", "odcs", "dprod"):
        assert run("export", "in", "--to", standard, "--out", "out").exit_code == 0
    assert {path.name for path in folder.iterdir()} == {"c.yaml", "in", "out"}
    assert all(path.parent == folder / "out" for path in (folder / "out").rglob("*"))
    assert sorted(path.suffix for path in (folder / "out").iterdir()) == [".jsonld", ".yaml", ".yaml"]
    assert (folder / "out/etc-x.dprod.jsonld").exists()


def test_an_edit_of_an_imported_version_is_exported_with_a_word(run: Run, folder: Path) -> None:
    (folder / "c.yaml").write_text(CONTRACT.replace("1.0.0", "v1.1.0"))
    assert run("import", "c.yaml", "--out", "p").exit_code == 0
    file = folder / "p/product.yaml"
    assert yaml.safe_load(run("export", "p", "--to", "odcs").stdout)["version"] == "v1.1.0"
    file.write_text(file.read_text().replace("version: 1.1.0", "version: 1.2.0"))
    done = run("export", "p", "--to", "odcs")
    assert yaml.safe_load(done.stdout)["version"] == "1.2.0"
    assert "odcs.version is left out: it contradicts what the product says" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["validate", "c.yaml"], "c.yaml:1:1: error: this is a contract of ODCS", "data-platform test FILE --data"),
        (["export", "p.odps.yaml", "--to", "odcs"], "p.odps.yaml:1:1: error: this is a product of ODPS", "import FILE"),
        (["import", "product.yaml", "--out", "x"], "this is a product.yaml already", "data-platform validate FILE"),
        (
            ["import", "new.yaml", "--out", "x"],
            'new.yaml:2:13: error: the version "v9.9.9" of ODCS',
            "v3.0, v3.1, v3.2",
        ),
        (["import", "empty.yaml", "--out", "x"], "the file is empty", "is this the right file?"),
    ],
)
def test_a_file_of_another_kind_is_told_for_what_it_is(
    run: Run, folder: Path, arguments: list[str], message: str, hint: str
) -> None:
    (folder / "product.yaml").write_text("name: p\ndomain: d\nowner: o@x\noutputs: [{name: a}]\n")
    (folder / "c.yaml").write_text("kind: DataContract\napiVersion: v3.2.0\nid: a\nschema: []\n")
    (folder / "new.yaml").write_text("kind: DataContract\napiVersion: v9.9.9\nid: a\nschema: []\n")
    (folder / "p.odps.yaml").write_text("kind: DataProduct\nid: a\noutputPorts: []\n")
    (folder / "empty.yaml").write_text("")
    done = run(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert hint in done.stderr
