"""The people of the tests: Ana the guest, Bruno the cashier, Clara the manager, Dmitro the owner; and their restaurant."""

from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from walletpass import cards, config, database, guests, programs, staff
from walletpass.app import App, create_app
from walletpass.cards import Card
from walletpass.config import Settings
from walletpass.doorman import Doorman
from walletpass.guests import ConsentGiven, Guest
from walletpass.programs import Program, Venue
from walletpass.staff import Staff, Till

CONSENT = ConsentGiven("loyalty card", "test", "en", "I agree.")
PINS = {"Bruno": "1470", "Clara": "2580", "Dmitro": "3690"}


@dataclass
class House:
    """One open restaurant: one point for 0.10, a point pays 0.01, up to half of a check."""

    program: Program
    venue: Venue
    ana: Card
    bruno: Staff
    clara: Staff
    dmitro: Staff
    api_key: str

    @property
    def id(self) -> str:
        return self.program.id


def open_house(program_id: str = "luna", **rules: Any) -> House:
    """Open a restaurant in the bound database."""
    with database.transaction() as session:
        program = programs.create(
            session,
            id=program_id,
            name={"luna": "Trattoria Luna", "sova": "Bistro Sova"}.get(program_id, program_id),
            pass_type_identifier=f"pass.example.{program_id}",
            team_identifier=f"{program_id.upper()[:4]}000001",
            palette="sova" if program_id == "sova" else "luna",
            **rules,
        )
        venue = programs.add_venue(session, program, "Luna am Park", address="Parkstrasse 12", latitude=52.5, longitude=13.4)
        programs.add_channel(session, program, f"{program_id}-table", "Table", venue.id)
        team = [
            staff.hire(session, program.id, name=name, role=role, pin=PINS[name])
            for name, role in (("Bruno", "cashier"), ("Clara", "manager"), ("Dmitro", "owner"))
        ]
        key = staff.make_api_key(session, program.id, "Test POS", scopes=[scope for scope in staff.SCOPES if scope != "adjust"])
        ana = issue_card(session, program, "Ana")
    return House(program, venue, ana, *team, key)


def issue_card(session: Session, program: Program, name: str, phone: str = "+49 151 23456789") -> Card:
    return cards.issue(session, join_guest(session, program, name, phone))


def issue_ticket(house: House, **shown: Any) -> Card:
    """A coat ticket for somebody without a card."""
    with database.transaction() as session:
        return cards.issue_ticket(session, house.id, **shown)


def join_guest(session: Session, program: Program, name: str, phone: str = "+49 151 23456789") -> Guest:
    return guests.register(session, program, name=name, phone=phone, language="en", consent=CONSENT)


_apps: dict[Settings, App] = {}


def make_app() -> App:
    """The server over the settings and database in use. One is put together for all tests with like settings: it keeps nothing."""
    settings = config.current()
    # Asked for with every request, or bound here.
    like = replace(settings, database_url="sqlite://", certs_dir="", threads=1)
    if like in _apps:
        database.bind(settings.database_url, pool_size=settings.threads)
    else:
        _apps[like] = create_app(settings)
    made = _apps[like]
    made.extensions["doorman"] = Doorman()
    made.config["WTF_CSRF_ENABLED"] = False
    return made


def make_till(program_id: str) -> tuple[Till, str]:
    """An enrolled till and the secret of its cookie."""
    with database.transaction() as session:
        link = staff.make_enrol_link(session, program_id)
        return staff.enrol(session, program_id, link, "Counter")
