"""The hostess's board, as readers, telephones and booking systems tell it, and as people read it."""

import json
from datetime import datetime, timedelta

import pytest
import time_machine

from tests.api.test_api_check_events import Pos
from tests.api.till import error, everything, post
from tests.cast import PINS, issue_card, make_app, open_house
from tests.plans import listening
from tests.tills import program_header, signed_in, till_browser
from walletpass import cards, database, events, guests, hostess, identification, programs, signatures, staff
from walletpass.api.auth import staff_cookie
from walletpass.cards import codes
from walletpass.database import now

PHONE = "+49 151 23456789"
# What was said of somebody who is forgotten.
WORDS = ("zzoryana", "zz-wish", "zz-note", "zz-name", "zz-place", "zz-reason")


@pytest.fixture
def app(house):
    return make_app()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def reader(house):
    """The headers of a key that may send signals, and nothing else."""
    with database.transaction() as session:
        return {"Authorization": f"Bearer {staff.make_api_key(session, house.id, 'Reader', scopes=['signals'])}"}


@pytest.fixture
def elena(app, house):
    """Somebody at a till who reads the board."""
    return signed_in(app, house, "Bruno")


def soon(minutes=30):
    return (now() + timedelta(minutes=minutes)).isoformat()


def told(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def board(browser, **query):
    return told(browser.get("/api/v1/board", query_string=query, headers=program_header()))


def write(browser, path, status=200, **body):
    return told(post(browser, path, body, program_header()), status)


def every_deed(house, browser):
    """One of each at the board."""
    made = write(browser, "bookings", party=4)["id"]
    write(browser, f"bookings/{made}/change", party=3)
    arrival = write(browser, "signals/arrival", booking=made, via="hostess")["arrival"]
    write(browser, "board/seat", arrival=arrival, place="7")
    write(browser, "board/gone", arrival=arrival)
    write(browser, "board/not-gone", arrival=arrival)
    write(browser, "board/not-seated", arrival=arrival, place="7")
    write(browser, "board/not-here", arrival=arrival)
    write(browser, f"bookings/{made}/cancel")
    write(browser, "bookings/" + write(browser, "bookings", party=2)["id"] + "/seat", place="8")
    write(browser, "board/note", card=house.ana.number, text="Nuts!")
    write(browser, "board/manner", card=house.ana.number, vip=True)
    write(browser, "board/table", reason="An old friend", party=2)


def test_an_evening_from_the_call_to_the_table(house, client, reader, elena):
    told(post(client, "signals/call", {"phone": "0151 23456789"}, reader))
    [ringing] = board(elena)["calls"]
    assert (ringing["guest"]["name"], ringing["phone"]) == ("Ana", "+49 ··· 789")
    write(elena, "board/call", call=ringing["call"])
    made = write(elena, "bookings", at=soon(), party=3, name="Ana", phone=PHONE, notes="By the window")
    [expected] = board(elena)["expected"]
    assert (expected["booking"], expected["party"], expected["guest"]["name"], expected["late"]) == (made["id"], 3, "Ana", False)
    write(elena, "board/manner", card=house.ana.number, say_name="AH-na", place="7", vip=True)
    note = write(elena, "board/note", card=house.ana.number, text="Nuts!")
    told(post(client, "signals/arrival", {"phone": PHONE, "via": "wifi"}, reader))
    [here] = board(elena)["door"]
    assert (here["guest"]["say_name"], here["guest"]["place"], here["guest"]["vip"]) == ("AH-na", "7", True)
    assert (here["booking"], here["party"], here["notes"], here["guest"]["notes"][0]["text"]) == (made["id"], 3, "By the window", "Nuts!")
    assert here["sentence"]["kind"] == "first_visit"
    write(elena, "board/done", arrival=here["arrival"], **{name: here["sentence"][name] for name in ("kind", "about")})
    assert board(elena, language="uk")["door"][0]["sentence"]["text"] == "Ми прочитали ваше побажання: By the window."
    write(elena, "board/note/remove", note=note["id"])
    write(elena, "board/seat", arrival=here["arrival"], place="7", waiter="Bruno")
    whole = board(elena)
    assert (whole["door"], whole["inside"][0]["place"], whole["inside"][0]["guest"]["notes"]) == ([], "7", [])
    assert write(elena, f"bookings/{made['id']}/cancel", status=409)["state"] == "seated"
    write(elena, "board/gone", arrival=here["arrival"])
    assert board(elena)["inside"] == []


def test_whoever_sends_signals_learns_nothing_of_guests(house, client, reader):
    known = told(post(client, "bookings", {"id": "b1", "at": soon(), "name": "Ana", "phone": PHONE, "email": "a@example.com"}, reader))
    stranger = told(post(client, "bookings", {"id": "b2", "at": soon(), "phone": "+49 151 00000000"}, reader))
    assert known.keys() == stranger.keys() == {"id", "state", "at", "party", "place", "venue"}
    first = told(post(client, "signals/call", {"phone": PHONE}, reader))
    other = told(post(client, "signals/call", {"phone": "+49 151 00000000"}, reader))
    assert first.keys() == other.keys() == {"call", "at", "venue"}
    arrival = told(post(client, "signals/arrival", {"card": house.ana.number, "via": "nfc"}, reader))
    assert arrival.keys() == {"arrival", "new", "at", "venue"}
    for path in ("board", "bookings/b1", "board/table?booking=b1", "board/stream"):
        answer = client.get(f"/api/v1/{path}", headers=reader)
        assert (answer.status_code, error(answer)["code"]) == (403, "not_allowed")


@pytest.mark.parametrize(
    "who", [{"card": "24899841"}, {"phone": "+49 151 00000000"}, {"token": "04AAAAAAAAAAAA"}, {"card": "https://example.com"}], ids=str
)
def test_somebody_who_is_nobody_s_here_is_not_ours_and_nothing_is_written(house, client, reader, who):
    before = everything()
    answer = post(client, "signals/arrival", {**who, "via": "door", "id": "s1"}, reader)
    assert (answer.status_code, error(answer)["code"]) == (404, "not_our_code")
    assert everything() == before


@pytest.mark.parametrize("body", [{}, {"card": "1", "phone": "2"}, {"booking": "b1", "card": "1"}], ids=str)
def test_an_arrival_says_who_once(house, client, elena, reader, body):
    write(elena, "bookings", id="b1", at=soon())
    assert error(post(client, "signals/arrival", {**body, "via": "door"}, reader))["code"] == "malformed"


def test_every_way_to_say_who_is_one_guest(house, client, reader):
    with database.transaction() as session:
        identification.bind(session, house.ana, "04A2B3C4D5E6F7", "ring")
    code = codes.card_code(house.id, house.ana.key_id, house.ana.token)
    ways = [{"card": code}, {"card": house.ana.number}, {"card": house.ana.id}, {"phone": "0151 23456789"}, {"token": "04A2B3C4D5E6F7"}]
    found = [told(post(client, "signals/arrival", {**who, "via": "door"}, reader)) for who in ways]
    assert len({one["arrival"] for one in found}) == 1
    assert [one["new"] for one in found] == [True, False, False, False, False]


def test_a_signal_counts_once_by_its_key_and_by_its_sender_s_name(house, client, reader):
    body = {"card": house.ana.number, "via": "door", "id": "s1"}
    first = post(client, "signals/arrival", body, reader, key="k1")
    again = post(client, "signals/arrival", body, reader, key="k1")
    assert (again.headers["Idempotent-Replay"], again.data) == ("true", first.data)
    assert error(post(client, "signals/arrival", {**body, "via": "nfc"}, reader, key="k1"))["code"] == "key_reused"
    other = told(post(client, "signals/arrival", body, reader, key="k2"))
    assert (other["arrival"], other["new"]) == (first.get_json()["arrival"], False)
    assert error(post(client, "signals/arrival", body, reader, key=None))["code"] == "missing_key"


def test_a_key_of_one_venue_tells_of_that_venue_alone(house, client, elena):
    with database.transaction() as session:
        see = programs.add_venue(session, programs.get(session, house.id), "Luna am See")
        key = {"Authorization": f"Bearer {staff.make_api_key(session, house.id, 'Door', scopes=['signals'], venue_id=see.id)}"}
        every = {"Authorization": f"Bearer {staff.make_api_key(session, house.id, 'All', scopes=['signals'])}"}
    body = {"card": house.ana.number, "via": "door"}
    assert told(post(client, "signals/arrival", body, key))["venue"] == see.id
    answer = post(client, "signals/arrival", {**body, "venue": house.venue.id}, key)
    assert (answer.status_code, error(answer)["code"]) == (404, "not_found")
    assert error(post(client, "signals/arrival", body, every))["code"] == "malformed", "several venues, and none is named"
    assert told(post(client, "signals/arrival", {**body, "venue": house.venue.id}, every))["new"]
    told(post(client, "bookings", {"id": "b1", "at": soon(), "venue": house.venue.id}, every))
    for deed in ("change", "cancel", "seat"):
        assert post(client, f"bookings/b1/{deed}", {}, key).status_code == 404
    assert len(board(elena, venue=see.id)["door"]) == len(board(elena, venue=house.venue.id)["door"]) == 1


def test_a_booking_is_whole_for_people_and_its_number_masked_on_the_board(house, client, elena, reader):
    told(post(client, "bookings", {"id": "b1", "at": soon(), "name": "Iryna", "phone": "+49 151 00000001", "notes": "a pram"}, reader))
    whole = told(elena.get("/api/v1/bookings/b1", headers=program_header()))
    assert (whole["phone"], whole["name"], whole["notes"], whole["card"]) == ("+4915100000001", "Iryna", "a pram", "")
    assert board(elena)["expected"][0]["masked_phone"] == "+49 ··· 001"
    assert told(post(client, "bookings/b1/change", {"party": 5}, reader))["party"] == 5
    assert told(post(client, "bookings/b1/seat", {"place": "3"}, reader))["state"] == "seated"
    assert error(post(client, "bookings", {"at": soon()}, reader))["code"] == "malformed", "a system names its bookings"


def test_the_answers_of_bookings_say_how_they_stand(house, client, elena, reader):
    asked = {"id": "b1", "at": soon(), "party": 3, "place": "4"}
    told(post(client, "bookings", asked, reader))
    arrival = write(elena, "signals/arrival", booking="b1", via="hostess")["arrival"]
    for deed, body in (("change", {"party": 5}), ("cancel", {})):
        refused = error(post(client, f"bookings/b1/{deed}", body, reader))
        assert (refused["code"], refused["state"], refused["detail"]) == ("conflict", "arrived", "These guests are here already.")
    assert told(post(client, "bookings/b1/seat", {"place": "12"}, reader))["place"] == "12"
    assert told(post(client, "bookings/b1/seat", {}, reader))["place"] == "12", "said again, nobody moves"
    write(elena, "board/not-seated", arrival=arrival, place="12")
    write(elena, "board/not-here", arrival=arrival)
    told(post(client, "bookings/b1/cancel", {}, reader))
    again = error(post(client, "bookings", {**asked, "party": 4}, reader))
    assert (again["status"], again["code"], again["state"]) == (409, "conflict", "cancelled")
    assert told(post(client, "bookings", asked, reader))["state"] == "cancelled"


def test_the_bookings_of_a_day_are_found_again_for_people_alone(house, client, elena, reader):
    noon = programs.day_begins(house.program, programs.day_of(house.program) + timedelta(days=3)) + timedelta(hours=7)
    for number, (phone, name) in enumerate(((PHONE, ""), ("+49 151 00000001", "Iryna"))):
        at = (noon + timedelta(hours=number)).isoformat()
        told(
            post(client, "bookings", {"id": f"b{number}", "at": at, "name": name, "phone": phone, "place": "7", "notes": "a pram"}, reader)
        )
    write(elena, "bookings/b1/cancel")
    query = {"day": noon.date().isoformat(), "venue": house.venue.id}
    answer = told(elena.get("/api/v1/bookings", query_string=query, headers=program_header()))
    first, second = answer["bookings"]
    assert (answer["day"], first["guest"]["name"], first["masked_phone"], first["state"]) == (query["day"], "Ana", "+49 ··· 789", "booked")
    assert (second["name"], second["masked_phone"], second["state"], second["place"]) == ("Iryna", "+49 ··· 001", "cancelled", "7")
    today = told(elena.get("/api/v1/bookings", headers=program_header()))
    assert (today["day"], today["bookings"]) == (programs.day_of(house.program).isoformat(), [])
    assert error(client.get("/api/v1/bookings", query_string=query, headers=reader))["code"] == "not_allowed"


@pytest.mark.parametrize(
    "query",
    ["day=tomorrow", "day=2026-02-30", "day=1764547200", "day=0001-01-01", "day=9999-12-31", "day=2026-12-01T10:00", "day=", "days=1"],
)
def test_a_day_that_is_none_is_malformed(house, elena, query):
    assert error(elena.get(f"/api/v1/bookings?{query}", headers=program_header()))["code"] == "malformed"


def test_a_walk_in_stands_at_the_door_at_once_and_may_be_taken_back(house, elena):
    made = write(elena, "bookings", party=4, place="7")
    [expected] = board(elena)["expected"]
    assert (expected["booking"], expected["party"], expected["late"]) == (made["id"], 4, False)
    assert abs(datetime.fromisoformat(made["at"]) - now()) < timedelta(minutes=1), "by our clock, not by the tablet's"
    came = write(elena, "signals/arrival", booking=made["id"], via="hostess")
    [here] = board(elena)["door"]
    assert (came["new"], here["arrival"], here["place"], here["party"]) == (True, came["arrival"], "7", 4)
    write(elena, "board/seat", arrival=here["arrival"], place="7")
    assert write(elena, "board/not-here", status=409, arrival=here["arrival"])["why"] == "seated"
    write(elena, "board/not-seated", arrival=here["arrival"], place="7")
    write(elena, "board/gone", arrival=here["arrival"])
    write(elena, "board/not-gone", arrival=here["arrival"])
    assert write(elena, "board/not-here", arrival=here["arrival"]) == {"id": here["arrival"]}
    assert write(elena, "board/not-here", arrival=here["arrival"]) == {"id": here["arrival"]}, "said twice, it is the first time"
    whole = board(elena)
    assert ([one["booking"] for one in whole["expected"]], whole["door"], whole["inside"]) == ([made["id"]], [], [])
    assert write(elena, f"bookings/{made['id']}/cancel")["state"] == "cancelled"


def test_the_feed_says_who_did_it_at_which_till_and_of_systems_nobody(house, client, elena, reader):
    with database.transaction() as session:
        hostess.keep_tables(session, house.id, house.venue.id, weekdays=range(7), begins=0, ends=29 * 60, tables=1)
        before = events.last(session, house.id)
        [till] = staff.tills(session, house.id)
    every_deed(house, elena)
    with database.reading() as session:
        done = events.after(session, house.id, before, 100).events
    assert {str(event.kind) for event in done} >= {
        "booking.made", "booking.changed", "booking.cancelled", "guest.arrived", "guest.seated", "guest.not_seated", "guest.gone",
        "guest.not_gone", "guest.not_here", "guest.noted", "table.given",
    }  # fmt: skip
    assert {(event.staff_id, event.device_id) for event in done} == {(house.bruno.id, till.id)}
    with database.reading() as session:
        before = events.last(session, house.id)
    told(post(client, "bookings", {"id": "b9", "at": soon()}, reader))
    told(post(client, "signals/arrival", {"booking": "b9", "via": "booking"}, reader))
    with database.reading() as session:
        assert {(event.staff_id, event.device_id) for event in events.after(session, house.id, before, 100).events} == {("", "")}


@pytest.mark.parametrize("verb", ["not-here", "not-seated", "not-gone"])
def test_to_take_back_is_a_write_like_another(house, client, elena, reader, verb):
    made = write(elena, "bookings", party=2)
    arrival = write(elena, "signals/arrival", booking=made["id"], via="hostess")["arrival"]
    before = everything()
    for body in ({}, {"arrival": "x"}, {"arrival": 5}, {"arrival": arrival, "why": "so"}, {"arrival": "0" * 26}):
        answer = post(elena, f"board/{verb}", body, program_header())
        assert answer.status_code in (404, 422), body
    assert error(post(elena, f"board/{verb}", {"arrival": arrival}, program_header(), key=None))["code"] == "missing_key"
    assert error(post(client, f"board/{verb}", {"arrival": arrival}, reader))["code"] == "not_allowed"
    assert everything() == before
    if verb == "not-seated":
        write(elena, "board/seat", arrival=arrival, place="7")
    elif verb == "not-gone":
        write(elena, "board/gone", arrival=arrival)
    first, again = (post(elena, f"board/{verb}", {"arrival": arrival}, program_header(), key="once") for _ in range(2))
    assert (told(first), again.data, again.headers["Idempotent-Replay"]) == ({"id": arrival}, first.data, "true")


def test_what_a_reader_saw_is_not_taken_back(house, client, elena, reader):
    arrival = told(post(client, "signals/arrival", {"card": house.ana.number, "via": "nfc"}, reader))["arrival"]
    refused = write(elena, "board/not-here", status=409, arrival=arrival)
    assert (refused["code"], refused["why"]) == ("not_taken_back", "seen")
    assert len(board(elena)["door"]) == 1


@pytest.mark.parametrize("phone", [PHONE, "+49 151 00000001"], ids=["known", "new"])
def test_who_calls_is_booked_by_the_call_and_the_number_comes_from_it(house, client, elena, reader, phone):
    told(post(client, "signals/call", {"phone": phone}, reader))
    [ringing] = board(elena)["calls"]
    asked = {"at": soon(), "party": 3, "call": ringing["call"]}
    first, again = (post(elena, "bookings", asked, program_header(), key="k1") for _ in range(2))
    assert (told(first).keys(), again.data) == ({"id", "state", "at", "party", "place", "venue"}, first.data)
    assert board(elena)["calls"] == [], "somebody took it"
    whole = told(elena.get(f"/api/v1/bookings/{first.get_json()['id']}", headers=program_header()))
    assert whole["phone"] == phone.replace(" ", "")
    assert bool(board(elena)["expected"][0]["guest"]) is (phone == PHONE)


def test_the_booking_of_who_calls_is_on_the_call_and_names_no_whole_number_of_a_guest(house, client, elena, reader):
    told(post(client, "bookings", {"id": "b1", "at": soon(60), "party": 4, "name": "Olha", "phone": "+49 151 00000001"}, reader))
    told(post(client, "bookings", {"id": "b2", "at": soon(90), "party": 2, "name": "A.", "phone": PHONE}, reader))
    for phone in ("+49 151 00000001", PHONE, "+49 151 00000002"):
        told(post(client, "signals/call", {"phone": phone}, reader))
    by_booking = {one["booking"] and one["booking"]["booking"]: one for one in board(elena)["calls"]}
    stranger, guest = by_booking["b1"], by_booking["b2"]
    assert (stranger["guest"], stranger["booking"]["name"], stranger["booking"]["party"], stranger["booking"]["late"]) == (
        None,
        "Olha",
        4,
        False,
    )
    assert (guest["guest"]["name"], guest["booking"]["guest"]["name"]) == ("Ana", "Ana")
    assert PHONE.replace(" ", "") not in json.dumps(guest)
    assert by_booking[None]["phone"] == "+4915100000002"


def test_a_call_is_named_by_people_alone_and_not_beside_a_number(house, client, elena, reader):
    call = told(post(client, "signals/call", {"phone": PHONE}, reader))["call"]
    before = everything()
    for browser, headers, body, status in (
        (client, reader, {"id": "b1", "at": soon(), "call": call}, 422),
        (client, reader, {"id": "b1"}, 422),
        (elena, program_header(), {"call": call, "phone": PHONE}, 422),
        (elena, program_header(), {"call": "0" * 26}, 404),
        (elena, program_header(), {"call": 5}, 422),
    ):
        assert post(browser, "bookings", body, headers).status_code == status, body
    assert everything() == before


def test_a_till_of_one_venue_does_not_take_another_s_call(house, app, client, reader):
    with database.transaction() as session:
        see = programs.add_venue(session, programs.get(session, house.id), "Luna am See")
    browser, till = till_browser(app, house.id)
    with database.transaction() as session:
        row = session.get_one(type(till), (house.id, till.id))
        row.venue_id = see.id
        session.add(row)
    browser.set_cookie(staff_cookie(house.id), staff.sign_in(till, house.bruno.id, PINS["Bruno"]))
    call = told(post(client, "signals/call", {"phone": PHONE, "venue": house.venue.id}, reader))["call"]
    answer = post(browser, "bookings", {"at": soon(), "call": call}, program_header())
    assert (answer.status_code, error(answer)["code"]) == (404, "not_found")
    assert len(board(signed_in(app, house, "Bruno"), venue=house.venue.id)["calls"]) == 1


def test_the_table_is_seen_from_the_booking(house, client, elena, reader):
    told(post(client, "bookings", {"id": "b1", "at": soon(), "phone": PHONE}, reader))
    told(post(client, "bookings", {"id": "b2", "at": soon(), "phone": "+49 151 00000001"}, reader))
    for query in ("booking=b1", f"card={house.ana.id}", f"card={house.ana.number}"):
        seen = told(elena.get(f"/api/v1/board/table?{query}", headers=program_header()))
        assert (seen["guest"]["name"], seen["last"], seen["average_check"]) == ("Ana", [], None)
    assert elena.get("/api/v1/board/table?booking=b2", headers=program_header()).status_code == 404
    assert elena.get("/api/v1/board/table", headers=program_header()).status_code == 422


def test_a_kept_table_is_given_with_a_reason_and_no_more_than_there_are(house, elena):
    with database.transaction() as session:
        hostess.keep_tables(session, house.id, house.venue.id, weekdays=range(7), begins=0, ends=29 * 60, tables=1)
    assert write(elena, "board/table", status=422, party=2)["code"] == "malformed"
    assert board(elena)["tables"][0]["left"] == 1
    assert write(elena, "board/table", reason="An old friend", card=house.ana.number) == {"number": 1, "left": 0}
    assert write(elena, "board/table", status=409, reason="Another friend")["code"] == "no_table_kept"
    assert board(elena)["tables"][0]["given"][0]["reason"] == "An old friend"


def test_numbers_are_not_asked_for_without_end(house, client, reader):
    for number in range(600):
        answer = post(client, "signals/arrival", {"phone": f"+49 151 0000{number:04d}", "via": "wifi"}, reader)
        if answer.status_code == 429:
            break
        assert answer.status_code == 404
    assert 120 <= number < 600
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("people", [5, 60])
def test_a_full_board_asks_the_database_no_oftener_than_an_empty_one(house, people):
    with database.transaction() as session:
        program = programs.get(session, house.id)
        for number in range(people):
            card = issue_card(session, program, f"Guest {number}", f"+49 151 7000{number:04d}")
            guests.profile(session, program, guests.get(session, house.id, card.guest_id), birthday="--01-01")
            hostess.note(session, card, "Knows the chef")
            hostess.manner(session, card, vip=True)
            wish = hostess.Wish(at=now() + timedelta(hours=1), party=2, phone=f"+49 151 7000{number:04d}", notes="quiet")
            hostess.book(session, program, house.venue.id, f"b{number}", wish)
            hostess.call(session, program, house.venue.id, f"+49 151 7000{number:04d}")
            if number % 2:
                hostess.arrived(session, program, house.venue.id, card, "door")
    with database.reading() as session:
        program = programs.get(session, house.id)
        with listening() as said:
            made = hostess.board(session, program, house.venue.id)
    assert len(made.expected) + len(made.door) == people
    assert all(one.sentence is not None for one in made.door)
    assert len(said) <= 22, [" ".join(statement.split())[:90] for statement, _ in said]


URL = "/api/v1/webhooks/signals"


class Sends(Pos):
    """Another system that signs what it sends."""

    def send(self, kind, data=None, *, event=None, at=None, secret=None, source=None, headers=None):
        self.number += 1
        raw = json.dumps({"id": event or f"e{self.number}", "type": kind, "data": data or {}}).encode()
        stamp = int(now().timestamp()) if at is None else at
        signed = {
            "Walletpass-Source": source or self.name,
            "Walletpass-Signature": signatures.sign([secret or self.secret], raw, stamp),
            **(headers or {}),
        }
        return self.client.post(URL, data=raw, headers=signed, content_type="application/json")


@pytest.fixture
def system(client, house):
    return Sends(client, house.id)


def test_an_evening_by_signed_events(house, system, elena):
    told(system.send("call.incoming", {"phone": PHONE}))
    assert board(elena)["calls"][0]["guest"]["name"] == "Ana"
    told(system.send("booking.made", {"id": "b1", "at": soon(), "party": 4, "phone": PHONE}))
    told(system.send("booking.made", {"id": "b2", "at": soon(), "name": "Iryna"}))
    told(system.send("booking.changed", {"id": "b1", "party": 5, "place": "9"}))
    told(system.send("booking.cancelled", {"id": "b2"}))
    told(
        system.send(
            "review.written",
            {"card": house.ana.number, "site": "tripadvisor", "url": "https://t.example/1", "at": (now() - timedelta(days=9)).isoformat()},
        )
    )
    told(system.send("guest.arrived", {"phone": PHONE, "via": "beacon"}))
    [here] = board(elena)["door"]
    assert (here["booking"], here["party"], here["place"], here["sentence"]["kind"]) == ("b1", 5, "9", "review")
    told(system.send("booking.seated", {"id": "b1"}))
    assert board(elena)["inside"][0]["place"] == "9"


def test_an_event_counts_once_and_its_second_answer_is_the_first(house, system):
    first = system.send("guest.arrived", {"card": house.ana.number, "via": "door"}, event="e9")
    before = everything()
    with time_machine.travel(now() + timedelta(hours=30)):
        again = system.send("guest.arrived", {"card": house.ana.number, "via": "door"}, event="e9")
    assert (again.status_code, again.data, again.headers["Idempotent-Replay"]) == (200, first.data, "true")
    assert error(system.send("call.incoming", {"phone": PHONE}, event="e9"))["code"] == "key_reused"
    assert everything() == before


def test_a_forged_an_old_and_a_foreign_event_are_one_plain_401_and_nothing_is_written(house, client, system):
    sova, stamp = Sends(client, open_house("sova").id), int(now().timestamp())
    body = {"card": house.ana.number, "via": "door"}
    told(Pos(client, house.id).send("opened"))
    before = everything()
    answers = [
        system.send("guest.arrived", body, secret="whsec_other"),
        system.send("guest.arrived", body, secret=sova.secret),
        system.send("guest.arrived", body, source=sova.name),
        system.send("guest.arrived", body, source="luna/nobody"),
        system.send("guest.arrived", body, at=stamp - 302),
        system.send("guest.arrived", body, at=stamp + 302),
        system.send("guest.arrived", body, headers={"Walletpass-Signature": ""}),
        system.send("guest.arrived", body, headers={"Walletpass-Signature": signatures.sign([system.secret], b"{}", stamp)}),
    ]
    assert {(answer.status_code, error(answer)["code"]) for answer in answers} == {(401, "wrong_signature")}
    assert len({answer.data for answer in answers}) == 1
    assert everything() == before


def test_another_restaurant_s_event_opens_nothing_of_ours(house, client, system):
    sova = Sends(client, open_house("sova").id)
    told(system.send("booking.made", {"id": "b1", "at": soon()}))
    before = everything()
    for kind, data in (
        ("guest.arrived", {"card": house.ana.number, "via": "door"}), ("guest.arrived", {"booking": "b1", "via": "door"}),
        ("guest.arrived", {"phone": "+49 151 00000000", "via": "door"}), ("booking.changed", {"id": "b1", "party": 3}),
        ("booking.cancelled", {"id": "b1"}), ("booking.seated", {"id": "b1"}), ("call.incoming", {"phone": PHONE, "venue": house.venue.id}),
        ("booking.made", {"id": "b9", "at": soon(), "venue": house.venue.id}),
    ):  # fmt: skip
        assert sova.send(kind, data).status_code == 404, kind
    assert everything() == before


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("guest.teleported", {}), ("guest.arrived", {}), ("guest.arrived", {"via": "door"}), ("guest.arrived", {"card": "1", "via": "sky"}),
        ("guest.arrived", {"card": "1", "via": "door", "extra": 1}), ("call.incoming", {}), ("call.incoming", {"phone": 5}),
        ("booking.made", {"id": "b1"}), ("booking.made", {"at": "2026-12-01T19:00:00Z"}), ("booking.made", {"id": "a b", "at": "2026-12-01T19:00:00Z"}),
        ("booking.made", {"id": "b1", "at": "tomorrow"}), ("booking.cancelled", {}), ("review.written", {"site": "x"}),
    ],
    ids=str,
)  # fmt: skip
def test_events_that_cannot_be_are_malformed(house, system, kind, data):
    before = everything()
    answer = system.send(kind, data)
    assert (answer.status_code, error(answer)["code"]) == (422, "malformed")
    assert everything() == before


def test_a_guest_who_is_forgotten_leaves_no_trace_of_all_this(house, client, elena, reader):
    told(
        post(
            client,
            "bookings",
            {"id": "b1", "at": soon(), "name": "Zzoryana", "phone": PHONE, "email": "zz@example.com", "notes": "zz-wish"},
            reader,
        )
    )
    told(post(client, "bookings", {"id": "b2", "at": soon(), "name": "Zzoryana", "email": "zz@example.com"}, reader))
    told(post(client, "signals/call", {"phone": PHONE}, reader))
    told(post(client, "signals/arrival", {"phone": PHONE, "via": "wifi", "id": "s1"}, reader))
    write(elena, "board/note", card=house.ana.number, text="zz-note")
    write(elena, "board/manner", card=house.ana.number, say_name="zz-name", place="zz-place", vip=True)
    [here] = board(elena)["door"]
    write(elena, "board/done", arrival=here["arrival"], kind="vip", about=here["arrival"])
    with database.transaction() as session:
        guest = guests.get(session, house.id, cards.get(session, house.id, house.ana.id).guest_id)
        guests.profile(session, house.program, guest, email="zz@example.com")
        hostess.keep_tables(session, house.id, house.venue.id, weekdays=range(7), begins=0, ends=29 * 60, tables=1)
    write(elena, "board/table", reason="zz-reason", card=house.ana.number)
    assert client.delete(
        f"/api/v1/members/{house.ana.guest_id}", headers={"Authorization": f"Bearer {house.api_key}", "Idempotency-Key": "gone"}
    ).status_code in (200, 204)
    left = json.dumps(everything(), default=str).lower()
    assert [word for word in (*WORDS, "15123456789", "example.com") if word in left] == []
    whole = board(elena)
    assert [(one["guest"], one["name"]) for one in (*whole["expected"], *whole["door"])] == [(None, "")] * 2
