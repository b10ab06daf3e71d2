"""An answer that is repeated for an idempotency key is authorised anew, also where the verb authorises rows itself."""

from __future__ import annotations

from pathlib import Path

from data_platform import DataProduct
from tests.doors.mesh import Doors, open_doors
from tests.doors.test_hostile import send

ASK = {"outputs": ["readers.t"], "purpose": "a look", "until": "2026-12-20"}


def ask(doors: Doors) -> tuple[int, str]:
    headers = {"Idempotency-Key": "the-request"}
    answer = send(doors, "consumer", "POST", "/api/v1/access/requests", json=ASK, headers=headers)
    return answer.status_code, answer.text


def comment(doors: Doors, id: int) -> int:
    path, headers = f"/api/v1/incidents/{id}/comments", {"Idempotency-Key": "the-comment"}
    return send(doors, "owner", "POST", path, json={"text": "seen"}, headers=headers).status_code


def test_an_answer_about_what_is_hidden_by_now_is_not_repeated(tmp_path: Path) -> None:
    with open_doors(tmp_path) as doors:
        incident = doors.root.incidents("readers")[0].id
        assert (ask(doors)[0], ask(doors)[0]) == (200, 200)
        assert (comment(doors, incident), comment(doors, incident)) == (200, 200)
        file = tmp_path / "readers" / "product.yaml"
        file.write_text(file.read_text().replace("restricted", "restricted\n  discoverable: false"))
        DataProduct(file.parent, doors.act_as("owner")).register()
        status, text = ask(doors)
        assert (status, "no product readers is registered" in text) == (404, True)
        assert comment(doors, incident) == 200
