"""The acts that the audit log records."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """An act in the log. The record of a newer release may have others."""

    OPENED = "opened"
    REGISTER = "register"
    PUBLISH = "publish"
    RUN = "run"
    REFUSAL = "refusal"
    ROLLBACK = "rollback"
    ERASE = "erase"
    DOMAIN = "domain"
    POLICY = "policy"
    ATTESTATION = "attestation"
    WAIVER = "waiver"
    GRANT = "grant"
    ACCESS = "access"
    PRINCIPAL = "principal"
    TEAM = "team"
    TOKEN = "token"
    SIGN_IN = "signin"
    DENIAL = "denial"
    KEY = "key"
    RETENTION = "retention"
    TRANSFER = "transfer"
    RENAME = "rename"
    DEPRECATE = "deprecate"
    RETIRE = "retire"
    ARCHIVE = "archive"
    RELEASE = "release"
    INCIDENT = "incident"
    OFFBOARD = "offboard"
    OUTBOX = "outbox"
    SUBSCRIPTION = "subscription"
    READS = "reads"
    REPAIR = "repair"
    BACKUP = "backup"
    RESTORE = "restore"
