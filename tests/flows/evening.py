"""A restaurant whose guests hold its card in Google Wallet: the server on a port of its own, and the sandbox's Google, a process of its own."""

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import requests
from sqlmodel import col, func, select
from structlog.testing import capture_logs
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.cast import House, issue_card, make_app, open_house
from tests.demo import free_port, wait_for
from walletpass import cards, config, database, google, ledger, programs
from walletpass.cards import Card
from walletpass.delivery import Notice, Outbox, Outcome, State, Worker
from walletpass.ledger import Bill, Origin
from walletpass.sandbox import Options, chain

ISSUER = "3388000000000000001"
TILL = Origin("till", staff_id="bruno", device_id="counter")
# One point for 0.10.
POINT = 10


@dataclass
class Outside:
    """The sandbox's Google, as a script sees it. What it keeps is read from its disk: its API is counted."""

    url: str
    folder: Path

    def turn(self, **switches: Any) -> None:
        requests.post(f"{self.url}/faults", json=switches, timeout=10).raise_for_status()

    def forget(self) -> None:
        requests.post(f"{self.url}/google/requests/forget", timeout=10).raise_for_status()

    def counted(self) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(f"{self.url}/google/requests", timeout=10).json()
        return found

    def refused(self) -> int:
        return int(self.counted()["refused"])

    def objects(self) -> dict[str, dict[str, Any]]:
        kept: dict[str, dict[str, Any]] = json.loads((self.folder / "google.json").read_text("utf-8"))["loyaltyObject"]
        return kept

    def saved(self, link: str) -> None:
        """A guest's finger on the page behind a save link."""
        requests.post(link, timeout=20).raise_for_status()


@contextmanager
def outside(folder: Path, server_url: str) -> Iterator[Outside]:
    """A sandbox that trusts the account in ``folder``/certs, which is made for it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    chain.prepare(folder / "certs", folder / "outside", [], token_uri=f"{url}/google/token", issuers=[ISSUER])
    options = Options(server_url, folder / "outside", port=port, iphone_port=0, android_port=0, apns_port=0)
    process = subprocess.Popen([sys.executable, "-m", "walletpass.sandbox"], stdin=subprocess.PIPE)
    assert process.stdin is not None
    with process, process.stdin as line:
        line.write(json.dumps(asdict(options), default=str).encode() + b"\n")
        line.flush()
        wait_for(lambda: process.poll() is None and _answers(url))
        yield Outside(url, folder / "outside")


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/faults", timeout=1).ok
    except requests.RequestException:
        return False


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None: ...


@contextmanager
def served(port: int) -> Iterator[None]:
    """The server over the settings and database in use: the sandbox fetches images there, and calls."""
    server = make_server("127.0.0.1", port, make_app(), threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Told(google.GoogleChannel):
    """Rings when it is written down what became of a card."""

    def __init__(self) -> None:
        super().__init__()
        self.news = threading.Condition()

    def deliver(self, notices: Sequence[Notice]) -> Iterator[Outcome]:
        for outcome in super().deliver(notices):
            yield outcome
            with self.news:
                self.news.notify_all()

    def until(self, fact: Callable[[], Any], seconds: float = 30.0) -> None:
        """Looked at whenever a card has been delivered."""
        with self.news:
            assert self.news.wait_for(fact, seconds), "it did not happen"


@contextmanager
def delivering() -> Iterator[Told]:
    channel = Told()
    worker = Worker([channel])
    worker.start()
    try:
        yield channel
    finally:
        worker.stop()


@dataclass
class Evening:
    house: House
    guests: list[Card]
    google: Outside
    base: str

    def name(self, card: Card) -> str:
        return f"{ISSUER}.{card.serial_number}"

    def earn(self, card: Card, points: int, check: str, *, bulk: bool = False) -> None:
        """A check is paid at a till."""

        def work() -> None:
            with database.transaction() as session:
                found = cards.get(session, self.house.id, card.id)
                ledger.earn(session, programs.get(session, self.house.id), found, Bill.of(check, points * POINT), TILL)
                cards.show(session, found, bulk=bulk, points=ledger.balance(session, self.house.id, card.id).points)

        database.retrying(work)

    def busy(self, earns: int, seconds: float, tills: int = 4) -> tuple[dict[str, int], float]:
        """Guests pay, evenly over the time; what each card came to, by its name at Google, and how long it really took."""
        chance = random.Random(20)
        paid = [(chance.choice(self.guests), chance.randint(1, 90)) for _ in range(earns)]
        begin, clock = time.monotonic(), threading.Event()

        def pay(number: int) -> None:
            clock.wait(max(0.0, begin + number * seconds / earns - time.monotonic()))
            self.earn(*paid[number], f"T{number:04}")

        with ThreadPoolExecutor(tills) as pool:
            list(pool.map(pay, range(earns)))
        sums = {self.name(card): 0 for card in self.guests}
        for card, points in paid:
            sums[self.name(card)] += points
        return sums, time.monotonic() - begin

    def shown(self) -> dict[str, int]:
        """The points of each card as Google has them."""
        kept = self.google.objects()
        return {name: int(kept[name]["loyaltyPoints"]["balance"]["int"]) for name in map(self.name, self.guests)}

    def rename_points(self, name: str) -> None:
        """In the design's own words."""
        words = Path(config.current().designs_dir) / self.house.program.design / "strings" / "en.toml"
        words.write_text(words.read_text("utf-8").replace('lbl_points = "Points"', f'lbl_points = "{name}"'), "utf-8")

    def called(self, name: str) -> int:
        """How many cards at Google call their points so."""
        return sum(kept["loyaltyPoints"]["label"] == name for kept in self.google.objects().values())


def states() -> dict[str, int]:
    """How many rows of the outbox are in which state."""
    with database.reading() as session:
        return dict(session.exec(select(Outbox.state, func.count()).group_by(col(Outbox.state))).all())


def is_quiet() -> bool:
    return not {State.PENDING, State.SENDING} & set(states())


@contextmanager
def open_evening(folder: Path, guests: int) -> Iterator[Evening]:
    """The doors are open, and each guest has the card in a wallet. It is one phone for them all, so it looks later at what comes."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with capture_logs(), outside(folder, base) as world:
        config.use(
            replace(
                config.current(),
                base_url=base,
                certs_dir=str(folder / "certs"),
                google_api_url=f"{world.url}/walletobjects/v1",
                google_save_url=f"{world.url}/gp/v/save",
                google_key_urls=f"{world.url}/google/keys",
            )
        )
        house = open_house(google_issuer_id=ISSUER)
        with database.transaction() as session:
            held = [issue_card(session, house.program, f"Guest {number}", f"+49 151 2345{number:04}") for number in range(guests)]
        with served(port):
            evening = Evening(house, held, world, base)
            _put_into_wallets(evening)
            world.turn(android_lag=3_600)
            yield evening


def _put_into_wallets(evening: Evening) -> None:
    def put(card: Card) -> None:
        offered = requests.get(f"{evening.base}/c/{card.program_id}/{card.link}/google", timeout=30, allow_redirects=False)
        evening.google.saved(offered.headers["Location"])

    google.Watch().look()
    with ThreadPoolExecutor(4) as phones:
        list(phones.map(put, evening.guests))
    wait_for(lambda: _told_of(evening.house.id) == len(evening.guests), 30)


def _told_of(program_id: str) -> int:
    with database.reading() as session:
        where = col(google.GoogleObject.program_id) == program_id, col(google.GoogleObject.saved_at).is_not(None)
        return session.exec(select(func.count()).select_from(google.GoogleObject).where(*where)).one()
