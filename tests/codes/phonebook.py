"""Codes as those who own the number read them: from the sealed message that is on its way."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Barrier
from typing import Any

from sqlmodel import col, select

from walletpass import codes, config, database
from walletpass.codes import Code
from walletpass.errors import TooMany, Unavailable
from walletpass.messages import Message
from walletpass.messages.box import words
from walletpass.programs import Program

PHONE = "+4915123456789"


@contextmanager
def reachable(**changes: Any) -> Iterator[None]:
    """With an SMS gateway and a mail server in the settings; nothing is sent to them here."""
    before = config.current()
    ways = {"sms_url": "json://127.0.0.1:9/sms/{to}", "smtp_url": "smtp://127.0.0.1:9", "mail_from": "cards@luna.example"}
    config.use(replace(before, **{**ways, **changes}))
    yield
    config.use(before)


def letters(to: str = PHONE) -> list[str]:
    """What waits to be sent there, oldest first."""
    with database.reading() as session:
        found = session.exec(select(Message).where(col(Message.recipient) == to, col(Message.state) == "pending").order_by(Message.id))
        return [words(message) for message in found]


def newest_code(to: str = PHONE) -> str:
    return re.findall(r"\b\d{6}\b", letters(to)[-1])[0]


def code_of(program: Program, purpose: str = "join", subject: str = "card", asker: str = "") -> str:
    """The code that was sent for this: of messages of one millisecond none is the newest."""
    with database.reading() as session:
        row = session.get(Code, (program.id, purpose, subject, asker))
        message = session.get(Message, (program.id, row.message_id)) if row else None
        assert message is not None
        return re.findall(r"\b\d{6}\b", words(message))[0]


def another(code: str) -> str:
    """Six digits that are not it."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def send(program: Program, purpose: str = "join", to: str = PHONE, subject: str = "card", **more: Any) -> codes.Waiting:
    with database.transaction() as session:
        return codes.send(session, program, purpose, to, subject, **more)


def check(program: Program, code: str, purpose: str = "join", subject: str = "card", **more: Any) -> bool:
    with database.transaction() as session:
        return codes.check(session, program, purpose, subject, code, **more)


def sent(program: Program, *words: str, **more: Any) -> str:
    """``sent``, or how long to wait."""
    try:
        send(program, *words, **more)
    except TooMany as refused:
        return str(refused.after)
    return "sent"


def at_once(count: int, work: Any) -> list[Any]:
    """Run ``work(0)`` to ``work(count - 1)`` together, over a pool of connections that leaves the database some for others."""
    database.bind(config.current().database_url, pool_size=8)
    ready = Barrier(count)

    def one(number: int) -> Any:
        ready.wait(30)
        while True:
            try:
                return database.retrying(lambda: work(number))
            except Unavailable:
                continue  # what a guest does who is told that the queue is long

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
