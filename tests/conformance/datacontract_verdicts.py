"""Run by the environment of `.ci/datacontract-cli.txt`: prints what datacontract-cli says of contracts, as JSON.

python datacontract_verdicts.py FOLDER… , each with a contract.yaml beside the data that its server names
"""

from __future__ import annotations

import json
import os
import sys

from datacontract.data_contract import DataContract  # type: ignore[import-not-found]


def main(*folders: str) -> None:
    """Prints the result of each folder, in order."""
    results = []
    for folder in folders:
        os.chdir(folder)
        results.append(DataContract(data_contract_file="contract.yaml").test().result.value)
    print(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
