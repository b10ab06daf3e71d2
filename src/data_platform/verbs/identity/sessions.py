"""Sessions of browsers, and the codes that begin them. The record keeps only the SHA-256 of their texts."""

from __future__ import annotations

import secrets
from datetime import timedelta

from data_platform.errors import NotAuthenticated
from data_platform.record.identity import sessions, signin_codes
from data_platform.record.identity.sessions import SessionRow
from data_platform.record.identity.signin_codes import SignInCode
from data_platform.settings import Principal
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.events.bounded import record_failed_sign_in, record_sign_in, record_sign_out
from data_platform.verbs.identity.authenticate import authenticate_digest, authenticate_principal, authenticate_token
from data_platform.verbs.identity.token_text import hash_token

SESSION_LIFE = timedelta(hours=12)
LINK_LIFE = timedelta(minutes=10)
EXCHANGE_LIFE = timedelta(minutes=1)


def create_link_code(mesh: Mesh, owner: Principal) -> str:
    """A code that signs a browser in once, within 10 minutes, as the owner of the home. Raises RecordFailed."""
    return _create_code(mesh, owner.name, None, LINK_LIFE)


def create_exchange_code(mesh: Mesh, person: Principal, challenge: str) -> str:
    """A code that is exchanged for a token of the person, within a minute, by a program that answers the challenge."""
    return _create_code(mesh, person.name, challenge, EXCHANGE_LIFE)


def take_code(mesh: Mesh, code: str, challenge: str | None) -> str:
    """The name of the principal of a code, which works once.

    Raises NotAuthenticated for a code that is unknown, used or expired, or has another challenge.
    """
    digest, name = hash_token(code), None
    with mesh.record.reading() as conn:  # strangers who guess take no lock of writers
        of = signin_codes.find_principal(conn, digest)
    if of is not None:
        with mesh.record.transaction() as tx:
            name = signin_codes.take(tx, digest, challenge, mesh.clock())
    if name is None:
        if of is not None:
            how = "link" if challenge is None else "command"
            record_failed_sign_in(mesh, of, how, "the code has expired, or is another program's")
        raise NotAuthenticated(
            "this sign-in link or code was used before, or has expired",
            hint="sign in again; the server prints a new link when it starts",
        )
    return name


def create_session(mesh: Mesh, name: str, *, local: bool) -> str:
    """The text of a new session of a principal; `local`: of the owner of the home, by a link."""
    token, now = secrets.token_urlsafe(32), mesh.clock()
    with mesh.record.transaction() as tx:
        sessions.add(tx, SessionRow(hash_token(token), name, local, now, now + SESSION_LIFE))
    record_sign_in(mesh, Principal(name, verified=not local, local=local), "link" if local else "provider")
    return token


def create_token_session(mesh: Mesh, token: str) -> tuple[str, str]:
    """The text of a new session that may do what a token may and ends with it, and the name of its principal.

    Raises NotAuthenticated, which does not say what is wrong with a token.
    """
    principal = authenticate_token(mesh, token)
    if principal is None:
        raise NotAuthenticated(
            "the token is unknown, expired or revoked",
            hint="create one on the home: data-platform tokens create NAME --role consumer",
        )
    session, now = secrets.token_urlsafe(32), mesh.clock()
    row = SessionRow(hash_token(session), principal.name, False, now, now + SESSION_LIFE, hash_token(token))
    with mesh.record.transaction() as tx:
        sessions.add(tx, row)
    record_sign_in(mesh, principal, "token")
    return session, principal.name


def authenticate_session(mesh: Mesh, token: str) -> Principal | None:
    """The principal of a session; None for one that is unknown or has ended, or whose principal is disabled.

    It is looked up at each request: a session that has ended has ended in every process.
    """
    with mesh.record.reading() as conn:
        row = sessions.find(conn, hash_token(token), mesh.clock())
    if row is None:
        return None
    if row.token is not None:
        return authenticate_digest(mesh, row.token)
    return Principal(row.principal, local=True) if row.local else authenticate_principal(mesh, row.principal)


def end_session(mesh: Mesh, token: str) -> None:
    """Ends a session; one that has ended is no error."""
    digest = hash_token(token)
    with mesh.record.reading() as conn:
        row = sessions.find(conn, digest, mesh.clock())
    if row is None:
        return
    with mesh.record.transaction() as tx:
        sessions.remove(tx, digest)
    record_sign_out(mesh, Principal(row.principal, verified=not row.local, local=row.local))


def _create_code(mesh: Mesh, name: str, challenge: str | None, life: timedelta) -> str:
    code, now = secrets.token_urlsafe(32), mesh.clock()
    with mesh.record.transaction() as tx:
        signin_codes.add(tx, SignInCode(hash_token(code), name, challenge, now, now + life))
    return code
