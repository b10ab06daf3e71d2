"""Tokens of persons for their command line, which they get by signing in with a browser."""

from __future__ import annotations

from datetime import timedelta

from data_platform.errors import NotAuthenticated
from data_platform.record.identity import tokens
from data_platform.record.identity.tokens import TokenRow
from data_platform.verbs.core.context import SERVER_DOOR, Caller, Context
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.events.bounded import record_failed_sign_in, record_sign_in
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.identity.authenticate import authenticate_principal, choose_role
from data_platform.verbs.identity.changes import change_identities
from data_platform.verbs.identity.token_text import hash_token, make_token, shorten_token
from data_platform.verbs.identity.tokens import describe_creation

LOGIN_LIFE = timedelta(days=30)


def create_login_token(mesh: Mesh, name: str) -> str:
    """The text of a new token with all rights that the person has, for 30 days.

    Raises NotAuthenticated for a person who is unknown or disabled.
    """
    person = authenticate_principal(mesh, name)
    if person is None:
        record_failed_sign_in(mesh, name, "command", "the principal is disabled, or not there")
        raise NotAuthenticated(f"{name} cannot sign in any more")
    context = Context(mesh, Caller(person, door=SERVER_DOOR))
    token, now = make_token(), mesh.clock()
    row = TokenRow(
        id=0,
        digest=hash_token(token),
        prefix=shorten_token(token),
        principal=name,
        role=choose_role(person),
        team=None,
        verbs=None,
        domains=None,
        read_only=False,
        created_at=now,
        created_by=name,
        expires_at=now + LOGIN_LIFE,
    )
    with change_identities(context) as tx:
        id = tokens.add(tx, row)
        record_outcomes(context, tx, describe_creation(id, row))
    record_sign_in(mesh, person, "command")
    return token
