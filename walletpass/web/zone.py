from flask import request

from walletpass import programs
from walletpass.database import reading


def zone() -> str | None:
    """The time zone of the restaurant whose page is drawn; None, which is UTC, for a page of no restaurant."""
    program_id = (request.view_args or {}).get("program_id")
    if not isinstance(program_id, str):
        return None
    with reading() as session:
        return programs.get(session, program_id).timezone
