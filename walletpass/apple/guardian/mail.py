"""A mail for each certificate and stage, once: whoever sends it remembers it in ``<program>/.warned``."""

import json
import smtplib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from walletpass import config, programs
from walletpass.apple.guardian import disk
from walletpass.apple.guardian.standing import BROKEN, OK, STAGES, State, state
from walletpass.config import Settings
from walletpass.database import now, reading
from walletpass.messages.smtp import hand_over

WARNED, LOCK = ".warned", ".warned.lock"


@dataclass(frozen=True)
class Mailed:
    """One warning that was due. When it was not ``sent``, ``reason`` says why, and the next round tries again."""

    program_id: str
    stage: str
    sent: bool
    reason: str = ""


def sentence(found: State) -> str:
    """What the owner should know, or nothing while there is time."""
    if found.stage == OK:
        return ""
    if found.stage == BROKEN or found.not_after is None or found.days_left is None:
        return f"{found.name}: the Apple certificate cannot sign. {found.fault}"
    day = f"{found.not_after:%Y-%m-%d}"
    mend = f"Make a new one for {found.pass_type_identifier}: `walletpass certs request {found.program_id}`, or on the page of the certificates."
    if found.stage == "expired":
        return (
            f"{found.name}: the Apple certificate expired on {day}. No new card and no change reaches an iPhone until there is a new one; "
            f"cards on phones stay, and points are counted as always. {mend}"
        )
    left = {0: "today", 1: "in one day"}.get(found.days_left, f"in {found.days_left} days")
    return f"{found.name}: the Apple certificate ends on {day}, {left}. {mend}"


def warn() -> list[Mailed]:
    """Mail what is due for every program; nothing without WALLETPASS_SMTP_URL and WALLETPASS_ALERT_TO. What was mailed is not mailed again.

    Two processes do not mail the same: the one that holds the program's lock does. A process that is killed between the
    mail and the note of it leads to a second mail, never to none.
    """
    settings = config.current()
    if not settings.smtp_url or not settings.alert_to:
        return []
    with reading() as session:
        every = programs.every(session)
    due = [found for program in every if (found := state(program)) and found.stage in STAGES]
    return [mailed for found in due if (mailed := _once(settings, found))]


def _once(settings: Settings, found: State) -> Mailed | None:
    folder = Path(settings.certs_dir) / found.program_id
    try:
        with disk.alone(folder, LOCK, wait=False) as ours:
            if not ours or _said(folder, found):
                return None
            # A folder that cannot remember is found out before the mail, not by a mail an hour.
            disk.write(folder / f"{WARNED}.new", _note(found))
            hand_over(settings, _letter(settings, found))
            (folder / f"{WARNED}.new").replace(folder / WARNED)
            disk.settle(folder)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return Mailed(found.program_id, found.stage, False, str(error) or type(error).__name__)
    return Mailed(found.program_id, found.stage, True)


def _said(folder: Path, found: State) -> bool:
    """Whether this stage of this certificate, or a more urgent one, has been mailed."""
    with suppress(OSError, ValueError, AttributeError):
        known = json.loads((folder / WARNED).read_bytes())
        if known.get("certificate") == found.fingerprint and known.get("stage") in STAGES:
            return STAGES.index(known["stage"]) >= STAGES.index(found.stage)
    return False


def _note(found: State) -> bytes:
    return json.dumps({"certificate": found.fingerprint, "stage": found.stage, "at": f"{now():%Y-%m-%dT%H:%M:%SZ}"}).encode()


def _letter(settings: Settings, found: State) -> EmailMessage:
    letter = EmailMessage()
    what = "has expired" if found.stage == "expired" else f"ends on {found.not_after:%Y-%m-%d}"
    letter["Subject"] = f"{' '.join(found.name.split())}: the Apple certificate {what}"
    letter["From"] = settings.alert_from or f"walletpass@{settings.hostname}"
    letter["To"] = ", ".join(addresses(settings.alert_to))
    letter["Date"] = format_datetime(now())
    letter["Message-ID"] = make_msgid(domain=settings.hostname)
    letter.set_content(
        f"{sentence(found)}\n\n{settings.base_url}/t/{found.program_id}/certificates\n\n"
        "Renewing for the same identifier changes nothing for guests. Do not revoke the old certificate: that breaks the cards on phones.\n"
    )
    return letter


def addresses(text: str) -> Sequence[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
