"""The coats over the API, as the attendant's screen uses it."""

import re
from io import BytesIO

import pytest
import time_machine
from PIL import Image

from tests.api.till import error, everything, post
from tests.cast import issue_card, make_app, open_house
from tests.coatcheck.counter import Counter
from tests.tills import program_header, till_browser
from walletpass import cards, coatcheck, database, ledger, programs, staff
from walletpass.api import lost_phone
from walletpass.api.auth import staff_cookie
from walletpass.cards import card_code
from walletpass.ledger import Origin


@pytest.fixture
def counter(luna):
    return Counter(luna)


@pytest.fixture
def room(counter):
    return counter.room.id


@pytest.fixture
def nadia(app, luna):
    """The browser of somebody who works at the coats, and no more."""
    browser, till = till_browser(app, luna.id)
    with database.transaction() as session:
        person = staff.hire(session, luna.id, name="Nadia Koval", role="coats", pin="8642")
    browser.set_cookie(staff_cookie(luna.id), staff.sign_in(till, person.id, "8642"))
    return browser


@pytest.fixture
def coats(nadia):
    """What Nadia's screen asks: ``coats("check-in", room=...)``."""
    return lambda path, once="", **body: post(nadia, f"coats/{path}", body, program_header(), key=once)


def code_of(house, card=None):
    with database.reading() as session:
        found = cards.get(session, house.id, (card or house.ana).id)
    return card_code(house.id, found.key_id, found.token)


def done(answer, status=200):
    assert answer.status_code == status, answer.get_json()
    return answer.get_json()


def test_a_screen_learns_all_hooks_kinds_and_prices_at_once(nadia, luna, counter):
    counter.check_in("A2")
    told = done(nadia.get("/api/v1/coats/rooms", headers=program_header()))
    (room,) = told["rooms"]
    assert (room["name"], room["venue_id"], room["shift"]["taken_in"]) == ("Garderobe", luna.venue.id, 1)
    assert [(zone["zone"], zone["capacity"], zone["taken"]) for zone in room["zones"]] == [("A", 4, 1), ("B", 6, 0)]
    assert room["zones"][0]["hooks"][1] == {"label": "A2", "kinds": [], "capacity": 1, "taken": 1}
    assert told["kinds"][0] == {"kind": "coat", "price": 0}
    assert (told["queue"], told["days"]) == (8, 30)


def test_two_taps_take_a_coat_in_and_two_give_it_back(coats, luna, room, counter):
    look = done(coats("look", room=room, code=code_of(luna)))
    assert (look["first_name"], look["wallet"], look["tickets"], look["proposed"]) == ("Ana", True, [], ["A1"])
    came = done(coats("check-in", room=room, card=code_of(luna), items=[{"hook": look["proposed"][0]}]))
    assert (came["items"][0]["hook"], counter.shown()) == ("A1", "A1")
    look = done(coats("look", room=room, code=luna.ana.number))
    (ticket,) = look["tickets"]
    assert (ticket["ticket"], ticket["items"][0]["hook"]) == (came["ticket"], "A1")
    went = done(coats("hand-back", ticket=came["ticket"]))
    assert (went["state"], went["done"], counter.shown()) == ("closed", [1], None)
    again = coats("hand-back", ticket=came["ticket"])
    assert (again.status_code, error(again)["code"], error(again)["till"], error(again)["by"]) == (
        409,
        "already_returned",
        "Counter",
        "Nadia",
    )
    assert done(coats("look", room=room, code=luna.ana.number))["returned"]["by"] == "Nadia"


def test_staff_at_the_coats_see_a_first_name_and_nothing_else_of_a_guest(coats, luna, room):
    with database.transaction() as session:
        bea = issue_card(session, luna.program, "Beatriz Zzamora", phone="+4915199887766")
    done(coats("check-in", room=room, card=bea.number, items=[{}]))
    said = coats("look", room=room, code=bea.number).text
    assert "Beatriz" in said
    assert not any(word in said for word in ("Zzamora", "99887766", bea.guest_id))


def test_a_phone_number_opens_no_coat(coats, luna, room):
    assert coats("look", room=room, code="+4915123456789").status_code == 404


def test_the_same_request_twice_hangs_one_coat(coats, luna, room, counter):
    first, second = (coats("check-in", once="k1", room=room, card=luna.ana.number, items=[{}]) for _ in range(2))
    assert first.get_json() == second.get_json()
    assert second.headers["Idempotent-Replay"] == "true"
    assert counter.taken() == {"A1": 1}


def test_a_taken_hook_is_refused_with_the_next_free_one(coats, luna, room, counter):
    counter.check_in("A1", code="4821")
    refused = coats("check-in", room=room, card=luna.ana.number, items=[{"hook": "A1"}])
    assert (refused.status_code, error(refused)["code"], error(refused)["free"]) == (409, "hook_taken", "A2")


def test_a_hook_that_is_none_is_a_fault_of_its_field(coats, luna, room):
    refused = error(coats("check-in", room=room, card=luna.ana.number, items=[{"hook": "Z9"}]))
    assert (refused["code"], refused["fields"][0]["field"]) == ("malformed", "hook")


def test_who_comes_often_is_known_at_the_coats_as_well(coats, luna, room, client, bearer):
    def regular():
        return done(coats("look", room=room, code=luna.ana.number))["regular"]

    with database.transaction() as session:
        programs.get(session, luna.id).regular_visits = 1
    assert not regular()
    assert post(client, "earn", {"card": luna.ana.number, "amount": 900}, bearer).status_code == 200
    assert regular()


def test_a_guest_without_a_card_gets_four_good_digits(coats, room):
    code = done(coats("code", room=room))["code"]
    came = done(coats("check-in", room=room, code=code, items=[{"kind": "umbrella"}], description="green umbrella"))
    assert (came["code"], came["card"], came["items"][0]["hook"]) == (code, None, "B1")
    look = done(coats("look", room=room, code=code))
    assert (look["tickets"][0]["description"], look["wallet"], look["first_name"]) == ("green umbrella", False, "")
    taken = coats("check-in", room=room, code=code, items=[{}])
    assert (taken.status_code, error(taken)["code"]) == (409, "code_taken")
    weak = coats("check-in", room=room, code="1234", items=[{}])
    assert (weak.status_code, error(weak)["code"]) == (422, "weak_code")


def test_a_guest_without_a_card_gets_a_ticket_for_the_wallet(coats, luna, room):
    came = done(coats("check-in", room=room, wallet_ticket=True, items=[{}, {"kind": "bag"}]))
    with database.reading() as session:
        ticket = cards.get(session, luna.id, came["card"])
    assert ticket.is_ticket
    assert ticket.shown == {"coat": "A1, B1", "items": 2, "venue": "Luna am Park"}
    assert came["url"] == f"http://127.0.0.1:8000/c/luna/{ticket.link}"
    look = done(coats("look", room=room, code=code_of(luna, ticket)))
    assert (look["tickets"][0]["ticket"], look["wallet"], look["first_name"]) == (came["ticket"], True, "")
    done(coats("hand-back", ticket=came["ticket"]))
    with database.reading() as session:
        assert cards.get(session, luna.id, came["card"]).state == "voided"
    assert done(coats("look", room=room, code=code_of(luna, ticket)))["returned"]["ticket"] == came["ticket"]
    assert coats("check-in", room=room, card=code_of(luna, ticket), items=[{}]).status_code == 404


def test_hooks_are_proposed_side_by_side(coats, room):
    assert done(coats("propose", room=room, kinds=["coat", "umbrella", "coat"]))["hooks"] == ["A1", "B1", "A2"]


def test_a_coat_is_pulled_for_a_moment_and_hangs_where_it_hung(coats, luna, room):
    ticket = done(coats("check-in", room=room, card=luna.ana.number, items=[{}]))["ticket"]
    assert done(coats("pull", ticket=ticket))["items"][0]["state"] == "pulled"
    assert coats("pull", ticket=ticket).status_code == 409
    back = done(coats("hang-again", ticket=ticket))["items"][0]
    assert (back["state"], back["hook"]) == ("hung", "A1")


def test_hooks_change_places(coats, luna, room, counter):
    counter.check_in("A1")
    counter.check_in("A2", code="4821")
    assert len(done(coats("move", room=room, moves=[{"from": "A1", "to": "A2"}, {"from": "A2", "to": "A1"}]))["moved"]) == 2
    assert counter.shown() == "A2"


def test_a_shift_ends_when_nothing_hangs_and_its_report_adds_up(coats, luna, room, counter):
    counter.do(coatcheck.rooms.set_prices, luna.program, {"coat": 150})
    begun = done(coats("shifts/open", room=room))
    assert coats("shifts/open", room=room).status_code == 409
    ticket = done(coats("check-in", room=room, card=luna.ana.number, items=[{}, {}, {"kind": "bag"}]))["ticket"]
    refused = coats("shifts/close", room=room)
    assert (refused.status_code, error(refused)["code"], len(error(refused)["items"])) == (409, "unaccounted", 3)
    done(coats("hand-back", ticket=ticket, items=[1]))
    done(coats("keep", ticket=ticket, items=[2], where="office"))
    done(coats("lose", ticket=ticket, items=[3]))
    closed = done(coats("shifts/close", room=room))
    told = {name: closed[name] for name in ("carried", "taken_in", "out", "kept", "lost", "disposed", "here", "kept_here", "money")}
    assert told == {"carried": 0, "taken_in": 3, "out": 1, "kept": 1, "lost": 1, "disposed": 0, "here": 1, "kept_here": 1, "money": 300}
    assert closed["id"] == begun["id"]
    assert done(coats("shifts/open", room=room))["carried"] == 1


def test_the_report_of_a_closed_shift_stays(coats, nadia, luna, room, counter):
    counter.check_in()
    counter.keep(counter.look(luna.ana).tickets[0].ticket.id)
    closed = done(coats("shifts/close", room=room))
    counter.hand_back(counter.look(luna.ana).tickets[0].ticket.id)
    assert done(nadia.get(f"/api/v1/coats/shifts/{closed['id']}", headers=program_header())) == closed


def test_what_was_kept_is_disposed_of_after_its_days_and_earlier_by_a_manager(coats, nadia, luna, room, counter):
    ticket = counter.check_in()
    counter.keep(ticket, where="box 3")
    early = coats("dispose", ticket=ticket)
    assert early.status_code == 409
    assert "manager" in error(early)["detail"]
    with time_machine.travel(database.now().timestamp() + 31 * 86_400, tick=False):
        counter.check_in(code="4821")
        with database.transaction() as session:
            session.connection().exec_driver_sql("UPDATE staff_session SET seen_at = '2099-01-01', started_at = '2099-01-01'")
        (due,) = done(nadia.get(f"/api/v1/coats/room/{room}/now", headers=program_header()))["due"]
        assert (due["ticket"], due["kept_where"]) == (ticket, "box 3")
        assert done(coats("dispose", ticket=ticket))["state"] == "closed"


def test_the_room_shows_who_is_leaving(coats, nadia, luna, room, counter):
    first, second = counter.check_in(), counter.check_in(code="4821")
    counter.rule(coat_queue=1)
    done(coats("call", ticket=second))
    done(coats("call", ticket=second))
    full = coats("call", ticket=first)
    assert (full.status_code, error(full)["code"], error(full)["waiting"]) == (409, "queue_full", 1)
    told = done(nadia.get(f"/api/v1/coats/room/{room}/now", headers=program_header()))
    assert (told["called"], [one["ticket"] for one in told["tickets"]]) == ([second], [first, second])


def release(coats, luna, ticket, **changes):
    body = {
        "ticket": ticket,
        "phone": "0151 23456789",
        "description": "black coat, red lining",
        "reason": "her phone was stolen",
        "manager": luna.clara.id,
        "pin": "2580",
    }
    return coats("release", **{**body, **changes})


def test_a_lost_phone_is_a_manager_s_matter_and_its_code_dies_at_once(coats, luna, room, counter):
    ticket, old = counter.check_in(), code_of(luna)
    went = done(release(coats, luna, ticket, phone="0151 23456789"))
    assert (went["state"], counter.shown()) == ("closed", None)
    (step,) = [step for step in counter.steps(ticket) if step.how == "override"]
    assert (step.approved_by, "by phone number; described: black coat, red lining" in step.reason) == (luna.clara.id, True)
    for shown in (old, luna.ana.number):
        dead = coats("look", room=room, code=shown)
        assert (dead.status_code, error(dead)["code"], error(dead)["by"]) == (409, "dead_code", "Nadia")
    assert done(coats("look", room=room, code=code_of(luna)))["first_name"] == "Ana"
    with database.reading() as session:
        card = cards.get(session, luna.id, luna.ana.id)
    assert went["url"] == cards.web_url(card)
    assert card.serial_number != luna.ana.serial_number


def test_a_phone_that_is_only_off_keeps_its_card_with_a_new_code(coats, luna, room, counter):
    ticket, old = counter.check_in(), code_of(luna)
    assert done(release(coats, luna, ticket, lost=False))["url"] == ""
    assert error(coats("look", room=room, code=old))["code"] == "dead_code"
    with database.reading() as session:
        card = cards.get(session, luna.id, luna.ana.id)
    assert (card.serial_number, card.number == luna.ana.number) == (luna.ana.serial_number, False)


@pytest.mark.parametrize("lost", [True, False])
def test_of_a_guest_with_two_cards_every_code_dies(coats, luna, room, counter, lost):
    """The coat was hung on the card that went up in another since."""
    ticket = counter.check_in()
    with database.transaction() as session:
        other = issue_card(session, luna.program, "Ana", "+49 151 23456789")
        ledger.merge(session, luna.program, cards.get(session, luna.id, luna.ana.id), cards.get(session, luna.id, other.id), Origin("api"))
    old = [code_of(luna), luna.ana.number, code_of(luna, other), other.number]
    went = done(release(coats, luna, ticket, lost=lost))
    assert {error(coats("look", room=room, code=one))["code"] for one in old} == {"dead_code"}
    with database.reading() as session:
        assert went["url"] == (cards.web_url(cards.get(session, luna.id, other.id)) if lost else "")
        assert cards.find(session, luna.id, code_of(luna)).id == other.id


def test_a_lost_phone_s_old_codes_are_nobody_s_at_the_coats_also_after_a_manager_ended_it(coats, luna, room, counter):
    old = [code_of(luna), luna.ana.number]
    with database.transaction() as session:
        lost_phone.reissue(session, cards.get(session, luna.id, luna.ana.id))
    for shown in old:
        answer = coats("look", room=room, code=shown)
        assert (answer.status_code, error(answer)["code"], "Ana" in answer.text) == (404, "not_our_code", False)


def test_a_card_that_ended_for_another_one_gives_back_nothing_that_hangs_on_it(coats, luna, room, counter):
    """A guest comes back by the number, on another phone: the card on the first one ends."""
    with database.transaction() as session:
        other = issue_card(session, luna.program, "Ana", "+49 151 23456789")
        old = cards.get(session, luna.id, luna.ana.id)
        ledger.merge(session, luna.program, old, cards.get(session, luna.id, other.id), Origin("api"))
        cards.void(session, old)
    ticket = counter.check_in(card=other)
    for shown in (code_of(luna), luna.ana.number, luna.ana.id):
        assert error(coats("look", room=room, code=shown))["code"] == "not_our_code"
    assert done(coats("look", room=room, code=code_of(luna, other)))["tickets"][0]["ticket"] == ticket


def test_a_card_that_a_manager_ended_still_fetches_what_hangs_on_it(coats, luna, room, counter):
    ticket = counter.check_in()
    with database.transaction() as session:
        cards.void(session, cards.get(session, luna.id, luna.ana.id))
    assert done(coats("look", room=room, code=code_of(luna)))["tickets"][0]["ticket"] == ticket


def test_things_of_an_ended_card_are_given_out_as_often_as_there_are_tickets(coats, luna, room, counter):
    """Its codes are dead already the second time."""
    first = counter.check_in()
    done(release(coats, luna, first))
    with database.transaction() as session:
        cards.void(session, cards.get(session, luna.id, luna.ana.id))
    for _ in range(2):
        assert done(release(coats, luna, counter.check_in()))["state"] == "closed"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"pin": "0000"}, 401, "wrong_pin"),
        ({"manager": "bruno", "pin": "1470"}, 403, "not_allowed"),
        ({"phone": "+49 151 99999999"}, 422, "wrong_factor"),
        ({"phone": ""}, 422, "wrong_factor"),
        ({"reason": "  "}, 422, "malformed"),
        ({"description": "   "}, 422, "reason_needed"),
    ],
)
def test_without_the_manager_the_words_or_the_right_number_nothing_goes(coats, luna, counter, changes, status, code):
    ticket = counter.check_in()
    if changes.get("manager") == "bruno":
        changes = {**changes, "manager": luna.bruno.id}
    answer = release(coats, luna, ticket, **changes)
    assert (answer.status_code, error(answer)["code"], counter.states(ticket)) == (status, code, ["hung"])


def test_what_a_device_says_of_an_old_day_disposes_of_nothing(coats, luna, room, counter):
    """Days of keeping count from when we could know of it."""
    ticket = counter.check_in()
    assert coats("keep", ticket=ticket, items=[1], room=room, where="the office", at="2026-01-02T00:00:00Z").status_code in (200, 202)
    answer = coats("dispose", ticket=ticket)
    assert (answer.status_code, error(answer)["code"], counter.states(ticket)) == (409, "conflict", ["kept"])


def test_wrong_pins_of_a_manager_are_counted_as_at_the_sign_in(coats, luna, counter):
    ticket = counter.check_in()
    for _ in range(4):
        assert release(coats, luna, ticket, pin="0000").status_code == 401
    assert [release(coats, luna, ticket, pin="0000").status_code, release(coats, luna, ticket).status_code] == [401, 429]


def test_no_trace_of_a_pin_is_kept(coats, luna, counter):
    done(release(coats, luna, counter.check_in(), phone="0151 23456789"))
    # A number of its own: codes and moments have all digits in them.
    pin = re.compile(r"(?<![\w.-])2580(?!\w)")
    assert not any(pin.search(row) for rows in everything().values() for row in rows)


def photo(nadia, ticket, content, number=1, key="photo"):
    parts = [f'name="ticket"\r\n\r\n{ticket}'.encode(), f'name="number"\r\n\r\n{number}'.encode()]
    parts.append(b'name="photo"; filename="coat.jpg"\r\nContent-Type: image/jpeg\r\n\r\n' + content)
    body = b"".join(b"--X\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--X--\r\n"
    headers = {**program_header(), "Idempotency-Key": key, "Content-Type": "multipart/form-data; boundary=X"}
    return nadia.post("/api/v1/coats/photo", data=body, headers=headers)


def picture(size=(3000, 1500), kind="JPEG", **options):
    out = BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(out, kind, **options)
    return out.getvalue()


def test_a_photo_is_small_says_nothing_of_its_camera_and_goes_with_the_coat(nadia, coats, luna, counter):
    ticket, exif = counter.check_in(), Image.Exif()
    exif[0x010F] = "Zzcamera"
    done(photo(nadia, ticket, picture(exif=exif)))
    kept = nadia.get(f"/api/v1/coats/photo/{ticket}/1", headers=program_header())
    assert kept.headers["Cache-Control"] == "no-store"
    with Image.open(BytesIO(kept.data)) as seen:
        assert (seen.format, seen.size, len(seen.getexif())) == ("JPEG", (1280, 640), 0)
    assert b"Zzcamera" not in kept.data
    assert counter.look(luna.ana).tickets[0].photos == {1}
    done(coats("hand-back", ticket=ticket))
    assert nadia.get(f"/api/v1/coats/photo/{ticket}/1", headers=program_header()).status_code == 404
    assert photo(nadia, ticket, picture((10, 10)), key="late").status_code == 409


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg onload=alert(1)>", picture((9, 9), "BMP"), b"\xff\xd8\xff" + bytes(100)])
def test_what_is_no_photo_is_refused(nadia, counter, content):
    refused = photo(nadia, counter.check_in(), content)
    assert (refused.status_code, error(refused)["code"]) == (422, "malformed")


def test_a_photo_that_is_too_large_is_refused(nadia, counter):
    ticket = counter.check_in()
    assert photo(nadia, ticket, bytes(2 * 1024 * 1024 + 1)).status_code == 422
    assert photo(nadia, ticket, bytes(3 * 1024 * 1024)).status_code == 413
    flat = BytesIO()
    Image.new("1", (8000, 8000)).save(flat, "PNG")
    assert len(flat.getvalue()) < 20_000
    assert "million pixels" in error(photo(nadia, ticket, flat.getvalue()))["detail"]


OFFLINE = {"at": "2026-11-28T20:15:00+01:00"}


def test_a_device_that_was_offline_is_never_refused(coats, nadia, luna, room, counter):
    counter.check_in("A1", code="4821")
    came = coats("check-in", room=room, card=luna.ana.number, ticket="t1", items=[{"hook": "A1", "number": 1}], **OFFLINE)
    (clash,) = done(came, 202)["conflicts"]
    assert (clash["code"], clash["number"], came.get_json()["items"][0]["doubtful"]) == ("hook_taken", 1, True)
    listed = done(nadia.get(f"/api/v1/coats/room/{room}/now", headers=program_header()))["conflicts"]
    assert listed == [clash]
    said = {"room": room, "deed": clash["deed"], "conflict": clash["code"], "number": 1, "how": "it hangs on A3"}
    assert error(coats("conflicts/settle", **said))["fields"][0]["field"] == "hook"
    assert error(coats("conflicts/settle", **said, hook="A1"))["free"] == "A2"
    done(coats("conflicts/settle", **said, hook="A3"))
    assert counter.shown() == "A3"
    assert coats("conflicts/settle", **said, hook="A3").status_code == 404
    assert done(nadia.get(f"/api/v1/coats/room/{room}/now", headers=program_header()))["conflicts"] == []


def test_a_return_that_is_heard_before_its_coat_waits_for_it(coats, luna, room, counter):
    gone = coats("hand-back", room=room, ticket="t1", items=[1], at="2026-11-28T22:00:00Z")
    told = done(gone, 202)
    assert (told["state"], told["conflicts"][0]["code"]) == ("unknown", "ticket_unknown")
    came = coats("check-in", room=room, card=luna.ana.number, ticket="t1", items=[{"hook": "A1", "number": 1}], **OFFLINE)
    assert (done(came)["state"], counter.states("t1"), counter.taken(), counter.shown()) == ("closed", ["returned"], {}, None)


def test_a_conflict_about_a_thing_that_is_gone_tells_what_it_was_and_who_gave_it_back(coats, nadia, luna, room, counter):
    came = done(coats("check-in", room=room, card=luna.ana.number, items=[{"hook": "A1"}]))
    done(coats("hand-back", ticket=came["ticket"]))
    again = coats("hand-back", room=room, ticket=came["ticket"], items=[1], at=database.now().isoformat())
    (kept,) = done(again, 202)["conflicts"]
    # What is kept with an Idempotency-Key names nobody.
    assert (kept["kind"], kept["hook"], kept["ended"]) == ("coat", "A1", None)
    (listed,) = done(nadia.get(f"/api/v1/coats/room/{room}/now", headers=program_header()))["conflicts"]
    assert (listed["code"], listed["kind"], listed["hook"]) == ("already_returned", "coat", "A1")
    assert (listed["ended"]["became"], listed["ended"]["till"], listed["ended"]["by"]) == ("returned", "Counter", "Nadia")


def test_a_conflict_about_a_ticket_that_nobody_knows_tells_of_no_thing(coats, nadia, room):
    done(coats("hand-back", room=room, ticket="t1", items=[1], at=database.now().isoformat()), 202)
    (listed,) = done(nadia.get(f"/api/v1/coats/room/{room}/now", headers=program_header()))["conflicts"]
    assert (listed["kind"], listed["hook"], listed["ended"]) == (None, None, None)


def test_a_card_that_is_not_ours_still_hangs(coats, room, counter):
    came = coats("check-in", room=room, card="12345674", ticket="t1", items=[{"hook": "A1", "number": 1}], **OFFLINE)
    assert done(came, 202)["conflicts"][0]["code"] == "not_our_code"
    assert counter.taken() == {"A1": 1}


@pytest.mark.parametrize(
    "missing",
    [{"ticket": None}, {"items": [{"hook": "A1"}]}, {"items": [{"hook": "A1", "number": 1}] * 2}, {"card": None, "wallet_ticket": True}],
)
def test_what_no_device_could_have_meant_is_refused(coats, luna, room, missing):
    body = {"room": room, "card": luna.ana.number, "ticket": "t1", "items": [{"hook": "A1", "number": 1}], **OFFLINE, **missing}
    refused = coats("check-in", **{name: value for name, value in body.items() if value is not None})
    assert (refused.status_code, error(refused)["code"]) == (422, "malformed")


def test_a_till_of_another_venue_has_other_cloakrooms(luna, room, app):
    with database.transaction() as session:
        other = programs.add_venue(session, luna.program, "Luna am See")
        key = staff.make_api_key(session, luna.id, "See", scopes=["coats"], venue_id=other.id)
    headers, client = {"Authorization": f"Bearer {key}"}, app.test_client()
    assert done(client.get("/api/v1/coats/rooms", headers=headers))["rooms"] == []
    assert client.get(f"/api/v1/coats/room/{room}/now", headers=headers).status_code == 404


def test_another_restaurant_s_room_and_ticket_are_unknown(luna, counter, room):
    ticket = counter.check_in()
    sova = open_house("sova")
    client, headers = make_app().test_client(), {"Authorization": f"Bearer {sova.api_key}"}
    assert post(client, "coats/hand-back", {"ticket": ticket}, headers).status_code == 404
    assert post(client, "coats/look", {"room": room, "code": "4821"}, headers).status_code == 404
    assert counter.states(ticket) == ["hung"]
