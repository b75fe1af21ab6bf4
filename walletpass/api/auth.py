"""Who is asking: an integration with a bearer key, or a person signed in at a till.

A till's requests carry its cookies and the header ``X-Walletpass-Program``. No form and no foreign page can set that
header without our leave, so it also keeps forged requests out.
"""

from flask import g, request

from walletpass import staff
from walletpass.database import reading
from walletpass.errors import SignInRequired
from walletpass.staff import Actor

# As the description calls them (`mount.SECURITY`): a key, or the session of a till with all that belongs to it.
BY_KEY: list[dict[str, list[str]]] = [{"key": []}]
AT_TILL: list[dict[str, list[str]]] = [{"till": [], "staff": [], "program": []}]
SECURITY = [*BY_KEY, *AT_TILL]
PROGRAM_HEADER = "X-Walletpass-Program"


def till_cookie(program_id: str) -> str:
    return f"till_{program_id}"


def staff_cookie(program_id: str) -> str:
    return f"staff_{program_id}"


def authenticate() -> None:
    """Sets ``g.actor``. Raises SignInRequired."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        actor = _by_key(scheme, key.strip())
    else:
        actor = till_actor(request.headers.get(PROGRAM_HEADER, ""))
    if actor is None:
        raise SignInRequired("Please sign in at a till, or send an API key: Authorization: Bearer wp_...")
    g.actor = actor


def till_actor(program_id: str) -> Actor | None:
    """The person signed in on this browser's till of the program."""
    till_token = request.cookies.get(till_cookie(program_id), "")
    secret = request.cookies.get(staff_cookie(program_id), "")
    if not (program_id and till_token and secret):
        return None
    return by_cookies(program_id, till_token, secret)


def by_cookies(program_id: str, till_token: str, secret: str) -> Actor | None:
    """Whoever has signed in with this secret on this till, and is still there."""
    with reading() as session:
        till = staff.till_by_token(session, program_id, till_token)
        return staff.signed_in(session, program_id, till, secret) if till else None


def _by_key(scheme: str, key: str) -> Actor | None:
    if scheme.lower() != "bearer":
        return None
    with reading() as session:
        actor = staff.actor_by_api_key(session, key)
    if actor is not None:
        staff.note_use(actor)
    return actor
