"""The tests that the run over HTTP leaves out, each with what of the mesh's own process it needs."""

from __future__ import annotations

import os

VARIABLE = "DATA_PLATFORM_TEST_TRANSPORT"


def is_http() -> bool:
    """Whether this run is over HTTP."""
    return os.environ.get(VARIABLE) == "http"


HOOKS = "acts in the midst of a verb, from its own thread: a watcher that raises, or a patch of the mesh's process"
FILES = "needs the files of the home: a command that no server serves"
SENDERS = "hands in senders of its own; a server has those of its settings"
ENGINE = "the text of the worker process, which differs from that of the process's own engine"
ATTACHED = "hands in attachments that stay in the process: digests of data, keys of calls"

PURPOSE = "changes the purpose of a caller in the process; a client has it from its environment"
UNSENT = "the client refuses values that no table can hold, and sends nothing: the mesh records no refusal"
LOADED = "lists the modules that a command in a home loads"

LEFT_OUT = {
    "tests/verbs/test_every_act.py": HOOKS,
    "tests/verbs/test_model.py": HOOKS,
    "tests/verbs/test_statements.py": "counts the statements of a call in the mesh's own process",
    "tests/verbs/core/test_quotas.py::test_a_refused_publish_takes_no_lock": "counts statements",
    "tests/verbs/core/test_quotas.py::test_a_stage_ends": "counts what is taken of a stream; a client sends ahead",
    "tests/verbs/test_team_races.py": HOOKS,
    "tests/verbs/access/test_races.py": HOOKS,
    "tests/verbs/access/test_model.py": HOOKS,
    "tests/verbs/access/test_grant_statements.py": "counts the statements of a call in the mesh's own process",
    "tests/verbs/test_team_record.py": "looks into two meshes of one record",
    "tests/verbs/publishing/test_modes.py::test_personal_data_is_encrypted": FILES,
    "tests/verbs/publishing/test_modes.py::test_what_keeps_files": FILES,
    "tests/verbs/publishing/test_modes.py::test_damage_is_told": FILES,
    "tests/verbs/publishing/test_modes.py::test_an_append_on_a_version": HOOKS,
    "tests/verbs/wire/test_loopback.py": "is a transport of its own",
    "tests/verbs/events/test_outbox.py": SENDERS,
    "tests/verbs/alerts/test_routing.py": SENDERS,
    "tests/verbs/alerts/test_channels.py": SENDERS,
    "tests/verbs/quality/test_checklist.py::test_points_are_met": SENDERS,
    "tests/verbs/quality/test_checklist.py::test_a_broken_promise": SENDERS,
    "tests/verbs/quality/test_checklist.py::test_monitoring_needs": SENDERS,
    "tests/verbs/quality/test_readiness.py::test_it_agrees": SENDERS,
    "tests/verbs/events/test_recorder.py": SENDERS,
    "tests/verbs/events/test_lineage_bodies.py": HOOKS,
    "tests/verbs/idempotency": ATTACHED,
    "tests/verbs/contracts/test_registered_with.py": HOOKS,
    "tests/verbs/operations/test_backup.py": FILES,
    "tests/verbs/operations/test_damaged_data.py": FILES,
    "tests/verbs/operations/test_repair.py": FILES,
    "tests/verbs/operations/test_rebuild.py": FILES,
    "tests/verbs/operations/test_keys.py": FILES,
    "tests/verbs/operations/test_erase_key.py": FILES,
    "tests/verbs/operations/test_restored_erasures.py": FILES,
    "tests/verbs/operations/test_rotate_column_key.py": FILES,
    "tests/verbs/core/encryption/test_mask_key.py": FILES,
    "tests/verbs/identity/test_explain_access.py::test_the_purpose_that_the_client_names": PURPOSE,
    "tests/verbs/quality/test_refusals.py::test_a_limit_that_cannot_be": "a client asks for pages, and sends no limit",
    "tests/verbs/events/test_bounded.py::test_who_opened_the_home_leaves_no_denial": "is about who opened the home",
    "tests/verbs/operations/test_gc.py": HOOKS,
    "tests/verbs/publishing/test_promote.py": HOOKS,
    "tests/verbs/operations/test_maintenance.py::test_the_outbox_is_sent": SENDERS,
    "tests/verbs/operations/test_maintenance.py::test_a_tick_that_is_killed": HOOKS,
    "tests/verbs/operations/test_audit_log.py::test_registers_publishes_and_refusals": "is about the door `python`",
    "tests/verbs/policies/test_evaluate.py::test_policies_applied_between": HOOKS,
    "tests/verbs/runs/test_execution.py::test_a_run_that_is_lost_while_it_publishes": HOOKS,
    "tests/verbs/publishing/test_publish.py::test_a_lost_swap": HOOKS,
    "tests/verbs/publishing/test_publish.py::test_a_publish_whose_lease_ran_out": HOOKS,
    "tests/verbs/publishing/test_publish.py::test_a_rule_that_a_new_contract_brings_in_between": HOOKS,
    "tests/verbs/publishing/test_publish.py::test_a_schema_that_changes_in_between": HOOKS,
    "tests/verbs/publishing/test_publish.py::test_an_input_that_moves_between": HOOKS,
    "tests/verbs/publishing/test_publish.py::test_staged_files_that_vanish": HOOKS,
    "tests/verbs/publishing/test_publish.py::test_two_first_publishes_that_infer": HOOKS,
    "tests/verbs/publishing/test_publish.py::test_data_that_does_not_fit_is_told_column_by_column[rows6": UNSENT,
    "tests/verbs/publishing/test_canary.py": "looks at all that one process has written",
    "tests/verbs/lifecycle/test_archive.py::test_a_publish_under_way_does_not_slip_into_an_archived_product": HOOKS,
    "tests/verbs/lifecycle/test_rename.py::test_a_publish_under_way": HOOKS,
    "tests/verbs/lifecycle/test_rename.py::test_a_refusal_of_a_publish_under_way": HOOKS,
    "tests/verbs/lifecycle/test_deprecate.py::test_a_major_that_is_retired_between_audit_and_promote": HOOKS,
    "tests/cli/commands/operations/test_keys.py": FILES,
    "tests/cli/commands/data/test_sql.py::test_warnings_of_policies": "changes a copy of the home",
    "tests/cli/test_console_script.py::test_looking_waits_for_the_record": LOADED,
    "tests/cli/test_lazy.py": LOADED,
    "tests/cli/commands/operations/test_completion.py": "completes names from the record of a home",
    "tests/cli/commands/operations/test_doctor.py": "diagnoses a home; tests/cli/test_client.py has a server",
    "tests/cli/test_references.py::test_a_version_is_refused_with_the_name_of_the_same_column": FILES,
    "tests/verbs/reading/test_consume.py::test_masked_data_needs_no_key_and_missing_keys_are_named": ENGINE,
}
"""Paths, and beginnings of names of tests, with the reason."""


def find_reason(node: str) -> str | None:
    """Why the run over HTTP leaves a test out; None for one that it runs."""
    return next((reason for place, reason in LEFT_OUT.items() if node.startswith(place)), None)
