"""Runs cells in a real Jupyter kernel of another interpreter: run_notebook.py PYTHON < cells.json > outputs.json.

Runs in the environment `build/notebook`; the kernel runs in PYTHON's own, with the kernel's packages behind its own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient

LAUNCH = "import sys; sys.path += {paths!r}; from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"


def run(python: str, cells: list[str]) -> list[str]:
    """What each cell printed or showed; raises CellExecutionError for a cell that failed."""
    paths = [path for path in sys.path if path.endswith("site-packages")]
    with TemporaryDirectory() as folder:
        kernel = Path(folder, "kernels", "ours")
        kernel.mkdir(parents=True)
        argv = [python, "-c", LAUNCH.format(paths=paths), "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": "ours", "language": "python"}
        (kernel / "kernel.json").write_text(json.dumps(spec))
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        client = NotebookClient(notebook, timeout=90, kernel_name="ours")
        client.create_kernel_manager()
        client.km.kernel_spec_manager = KernelSpecManager(kernel_dirs=[str(kernel.parent)])
        client.execute()
    return ["".join(map(_text, cell.outputs)) for cell in notebook.cells]


def _text(output: nbformat.NotebookNode) -> str:
    return str(output["text"] if "text" in output else output["data"].get("text/plain", ""))


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], json.load(sys.stdin))))
