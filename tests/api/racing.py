"""Many tills at one moment, and the same with the locks switched off."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module

from sqlmodel import Session, col, select
from structlog.testing import capture_logs

from tests.api.till import error, post
from walletpass import database, identification, ledger
from walletpass.ledger import Account, Entry, accounts


def at_once(app, how_many: int, deed: Callable):
    """``deed(client, number)`` in as many threads, all let go at one moment; the answers."""
    start = threading.Barrier(how_many)

    def run(number: int):
        client = app.test_client()
        start.wait(60)
        return deed(client, number)

    with ThreadPoolExecutor(how_many) as pool:
        return list(pool.map(run, range(how_many)))


def statuses(answers):
    return Counter(answer.status_code for answer in answers)


def codes(answers):
    return {error(answer)["code"] for answer in answers if answer.status_code != 200}


def entries(house):
    with database.reading() as session:
        return session.exec(select(Entry).where(col(Entry.program_id) == house.id).order_by(col(Entry.recorded_at))).all()


def faults(house):
    with database.reading() as session:
        return list(ledger.verify(session, house.id))


def earned(app, bearer, house, *, check="A1", amount=10_000, card=None):
    answer = post(app.test_client(), "earn", {"card": (card or house.ana).number, "amount": amount, "check_id": check}, bearer)
    assert answer.status_code == 200
    return answer.get_json()["entry"]["id"]


class NoLock:
    def acquire(self, timeout=0):
        return True

    def release(self):
        pass


@contextmanager
def unlocked(monkeypatch, *place):
    """No transaction on SQLite, no row or check lock on PostgreSQL; two rivals that have just looked go on together.

    ``place`` is the module of the ledger, and its function that looks. It is an error when no two met there.
    """
    meeting, met = threading.Barrier(2), []

    def together(look):
        def look_together(*args, **options):
            found = look(*args, **options)
            met.append(meeting.wait(60))
            return found

        return look_together

    def only_look(session, program_id, card_id):
        return session.get(Account, (program_id, card_id)) or opened(session, program_id, card_id)

    def get_unlocked(session, *args, **options):
        return get(session, *args, **{name: value for name, value in options.items() if name != "with_for_update"})

    opened, get = accounts.lock, Session.get
    with monkeypatch.context() as patch, capture_logs():
        patch.setattr(accounts, "lock", only_look)
        patch.setattr(accounts, "lock_check", lambda *args: None)
        patch.setattr(identification, "line_up", lambda *args: None)
        patch.setattr(Session, "get", get_unlocked)
        patch.setattr(database, "BEGIN", "SELECT 'no transaction'")
        patch.setattr(database, "_write_lock", NoLock())
        if place:
            module, name = import_module(f"walletpass.ledger.{place[0]}"), place[1]
            patch.setattr(module, name, together(getattr(module, name)))
        yield
    assert not place or len(met) >= 2, "two rivals look there"
