"""Hiring, dismissing, and who may do what."""

import pytest

from tests.cast import PINS, make_app, make_till, open_house
from tests.tills import program_header, signed_in
from walletpass import database, staff
from walletpass.errors import Malformed, NotAllowed, NotFound, WrongPin
from walletpass.staff import Actor

# Who may do what: the table is the rule, and every line of it is tried.
ROLES = {
    #                 look_up  earn   redeem undo  undo_any adjust manage
    "cashier":        (True,   True,  True,  True,  False,  False,  False),
    "manager":        (True,   True,  True,  True,  True,   True,   True),
    "owner":          (True,   True,  True,  True,  True,   True,   True),
    "integration":    (True,   True,  True,  True,  True,   False,  False),
}  # fmt: skip
DEEDS = ("look_up", "earn", "redeem", "undo", "undo_any", "adjust", "manage")
WHO = {"Bruno": "cashier", "Clara": "manager", "Dmitro": "owner"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("deed", DEEDS)
def test_a_role_may_do_what_the_table_says(role, deed):
    actor = Actor("luna", "till", role, "Bruno", scopes=frozenset(staff.EVERYDAY))
    allowed = ROLES[role][DEEDS.index(deed)]
    assert actor.may(deed) is allowed
    if not allowed:
        with pytest.raises(NotAllowed):
            actor.must(deed)


@pytest.mark.parametrize("name", WHO)
def test_the_screens_keep_to_the_table(app, luna, name):
    till = signed_in(app, luna, name)
    may_manage = ROLES[WHO[name]][DEEDS.index("manage")]
    assert till.get("/t/luna").status_code == 200
    assert ('href="/t/luna/manage' in till.get("/t/luna").text) is may_manage
    for answer in (till.get("/t/luna/manage"), till.post("/t/luna/manage", data={"action": "enrol"})):
        assert answer.status_code == (200 if may_manage else 403)
    for action in ("unlock", "revoke"):
        status = till.post("/t/luna/manage", data={"action": action, "staff_id": "x", "device_id": "x"}).status_code
        assert status == (404 if may_manage else 403)


@pytest.mark.parametrize("name", [*WHO, "API"])
def test_the_api_keeps_to_the_table(app, luna, bearer, name):
    role = WHO.get(name, "integration")
    client, headers = (app.test_client(), bearer) if name == "API" else (signed_in(app, luna, name), program_header())
    bodies = {
        "look_up": ("/api/v1/guests/by-code", {"code": luna.ana.number}),
        "earn": ("/api/v1/earn", {"card": luna.ana.number, "amount": 10_000}),
        "redeem": ("/api/v1/redeem", {"card": luna.ana.number, "amount": 1_000, "points": 10}),
        "adjust": ("/api/v1/adjust", {"card": luna.ana.number, "points": 5, "reason": "by hand"}),
    }
    for deed, (path, body) in bodies.items():
        answer = client.post(path, json=body, headers={**headers, "Idempotency-Key": f"{name}-{deed}"})
        assert answer.status_code == (200 if ROLES[role][DEEDS.index(deed)] else 403), (deed, answer.text)


@pytest.mark.parametrize("pin", ["", "123", "1234567", "12a4", "١٢٣٤", "12 4", "-123", "1234\n"])
def test_a_pin_is_four_to_six_digits(house, pin):
    with database.transaction() as session, pytest.raises(Malformed, match="4 to 6 digits"):
        staff.hire(session, "luna", name="Eva", role="cashier", pin=pin)


@pytest.mark.parametrize("role", ["", "admin", "Cashier", "integration"])
def test_a_role_is_one_of_those_there_are(house, role):
    with database.transaction() as session, pytest.raises(Malformed, match="cashier, hostess, manager, owner"):
        staff.hire(session, "luna", name="Eva", role=role, pin="1234")


def test_a_pin_is_kept_as_argon2id_only(house):
    assert house.bruno.pin_hash.startswith("$argon2id$")
    assert PINS["Bruno"] not in house.bruno.pin_hash.rpartition("$")[0].rpartition("$")[2]


def test_a_dismissed_person_is_out_at_once(house):
    app = make_app()
    till = signed_in(app, house)
    other_till, _ = make_till("luna")
    assert till.get("/t/luna").status_code == 200
    with database.transaction() as session:
        staff.dismiss(session, staff.person(session, "luna", house.bruno.id))
    assert till.get("/t/luna").location == "/t/luna/sign-in"
    assert till.post("/api/v1/guests/by-code", json={"code": house.ana.number}, headers=program_header()).status_code == 401
    with pytest.raises(WrongPin):
        staff.sign_in(other_till, house.bruno.id, PINS["Bruno"])
    with database.reading() as session:
        assert [person.name for person in staff.team(session, "luna")] == ["Clara", "Dmitro"]
    assert "Bruno" not in till.get("/t/luna/sign-in").text


def test_others_stay_when_one_is_dismissed(app, luna):
    bruno, clara = signed_in(app, luna, "Bruno"), signed_in(app, luna, "Clara")
    with database.transaction() as session:
        staff.dismiss(session, staff.person(session, "luna", luna.bruno.id))
    assert (bruno.get("/t/luna").status_code, clara.get("/t/luna").status_code) == (302, 200)


def test_a_person_of_another_restaurant_is_not_on_the_team(house):
    sova = open_house("sova")
    with database.reading() as session:
        with pytest.raises(NotFound):
            staff.person(session, "luna", sova.bruno.id)
        assert {person.program_id for person in staff.team(session, "luna")} == {"luna"}
