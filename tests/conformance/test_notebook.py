"""The library in a notebook: a kernel whose event loop runs, cells that are defined in no file, children of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
JUPYTER = ROOT / "build/notebook/bin/python"
PRODUCT = "name: shop\ndomain: sales\nowner: ana@example.com\noutputs:\n  - name: orders\n  - name: doubled\n"

pytestmark = pytest.mark.engines


def run_cells(folder: Path, *cells: str) -> list[str]:
    """What each cell shows, in a new kernel that works in `folder`."""
    if not JUPYTER.exists():
        pytest.skip("its environment is not built: make build/notebook/.installed")
    done = subprocess.run(
        [str(JUPYTER), str(Path(__file__).with_name("run_notebook.py")), sys.executable],
        input=json.dumps(cells),
        cwd=folder,
        env={**os.environ, "DATA_PLATFORM_HOME": str(folder / "home"), "IPYTHONDIR": str(folder / "ipython")},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    outputs: list[str] = json.loads(done.stdout)
    return outputs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "product.yaml").write_text(PRODUCT)
    return tmp_path


def test_a_notebook_publishes_consumes_and_asks(folder: Path) -> None:
    *_, rows, answer, total = run_cells(
        folder,
        "from data_platform import DataProduct, Platform\nfrom data_platform.functions import col",
        "product = DataProduct.load('product.yaml')\nproduct.publish('orders', [{'id': 1}, {'id': 2}])",
        "frame = product.consume('shop', 'orders')\nframe.where(col('id') > 1).collect()",
        "with Platform.open() as mesh:\n"
        "    rows = mesh.sql('SELECT sum(id) AS total FROM shop.orders').to_arrow()\n"
        "rows['total']",
        "import asyncio\nawait asyncio.to_thread(frame.count)",
    )
    assert "id=2" in rows
    assert "3" in answer
    assert total == "2"


def test_a_pipeline_that_a_cell_defines_is_built(folder: Path) -> None:
    *_, version = run_cells(
        folder,
        "from data_platform import DataProduct\nproduct = DataProduct.load('product.yaml')",
        "product.publish('orders', [{'id': 4}]).version",
        "from data_platform.functions import col\n"
        "@product.pipeline(output='doubled')\n"
        "def build():\n    return product.consume('shop', 'orders').select((col('id') * 2).alias('id'))",
        "print(build().collect()[0].id)",
    )
    assert version.strip() == "8"


def test_children_of_a_kernel_publish_and_consume(folder: Path) -> None:
    *_, version, count = run_cells(
        folder,
        "from data_platform import DataProduct\nimport multiprocessing",
        "product = DataProduct.load('product.yaml')\nproduct.publish('orders', [{'id': 1}])",
        "def publish(queue):\n"
        "    result = DataProduct.load('product.yaml').publish('orders', [{'id': 1}, {'id': 2}])\n"
        "    queue.put(result.version)",
        "context = multiprocessing.get_context('fork')\nqueue = context.Queue()",
        "process = context.Process(target=publish, args=(queue,))\nprocess.start()",
        "print(queue.get(timeout=60))\nprocess.join()",
        "print(product.consume('shop', 'orders').count())",
    )
    assert (version.strip(), count.strip()) == ("2", "2")
