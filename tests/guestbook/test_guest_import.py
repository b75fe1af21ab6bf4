"""A file of guests comes into the base: once, all of it, and with a word for each line that did not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import func, select

from tests.cast import join_guest
from tests.guestbook.files import HEAD, by_phone, checked, everybody, imported, lines_of, look, refused, seen, start, text_of, uploaded
from tests.ledger.book import balance, faults
from walletpass import config, database, guestbook, guests, ledger
from walletpass.cards import Card
from walletpass.errors import Conflict, Malformed, NotFound
from walletpass.guestbook import ImportJob, ImportPiece, OldNumber, Stage
from walletpass.guestbook.values import read
from walletpass.ledger import Entry, Lot
from walletpass.messages import Message
from walletpass.programs import Program

BERLIN = Program(id="luna", name="Luna", pass_type_identifier="pass.example.luna", team_identifier="LUNA000001")
NEXT_YEAR = datetime.now(UTC).year + 1


def rows(table):
    with database.reading() as session:
        return session.exec(select(table)).all()


def card_of(house, guest):
    with database.reading() as session:
        return guestbook.card_of(session, guest)


def test_guests_come_in_with_a_card_and_their_points(house):
    content = text_of(
        f"Анна Шевченко,050 123 45 67,Anna@Example.com,17.05.1990,1 250,31.12.{NEXT_YEAR}", "Bea,+4915120000001,,--02-29,0,", head=HEAD
    )
    house.program.country = "UA"
    with database.transaction() as session:
        session.merge(house.program)
    job = imported(house, content)
    assert (job.stage, job.fresh, job.known, job.refused, job.points) == (Stage.DONE, 2, 0, 0, 1250)
    anna, bea = by_phone(house, "+380501234567"), by_phone(house, "+4915120000001")
    assert (anna.name, anna.email, str(guests.birthday_of(anna)), anna.channel_code) == (
        "Анна Шевченко",
        "anna@example.com",
        "1990-05-17",
        "import",
    )
    assert str(guests.birthday_of(bea)) == "--02-29"
    assert anna.birthday_at is not None
    card = card_of(house, anna)
    assert card.shown == {"points": 1250, "holder": "Анна Шевченко"}
    assert balance(house, card).points == 1250
    (lot,) = [lot for lot in rows(Lot) if lot.card_id == card.id]
    assert lot.expires_at.isoformat() == f"{NEXT_YEAR}-12-31T23:00:00+00:00"  # midnight in Berlin
    (entry,) = [entry for entry in rows(Entry) if entry.card_id == card.id]
    assert (entry.source, entry.key, entry.staff_id, entry.reason) == ("import", f"import:{job.id}:2", house.clara.id, "opening balance")
    assert card_of(house, bea).shown == {"points": 0, "holder": "Bea"}
    assert faults(house) == []


def test_a_guest_of_a_file_agreed_to_nothing(house):
    imported(house, text_of(*lines_of(1)))
    with database.reading() as session:
        assert guests.standing(session, by_phone(house, "+4915110000000")) == {}


def test_the_dry_run_writes_nothing_and_says_what_the_import_then_does(house):
    known = everybody(house)[0].phone
    content = text_of(
        *lines_of(3), f"Ana again,{known},,,5,", "Guest 0 again,+49 151 10000000,,,7,", "Nobody,,,,,", "Bad,12,,,,", "Bad,+4915130000001,no address,,,",
        "Bad,+4915130000002,,31.02.1990,,", "Bad,+4915130000003,,,-5,", "Bad,+4915130000004,,,1.5,", "Bad,+4915130000005,,,5,01.01.2020",
        "Fine,+4915130000006,,,0,31.12.2019", "Too,short", "Wide,+4915130000007,,,,,more", 'Open,"+4915130000008,,,,', "...,+4915130000009,,,,",
    )  # fmt: skip
    before = everybody(house), rows(Card), rows(Entry)
    job = checked(house, content)
    assert (everybody(house), rows(Card), rows(Entry)) == before
    told = refused(house, job)
    assert told == [
        (5, "known", ""), (6, "same_number", ""), (7, "missing", "phone"), (8, "malformed", "phone"), (9, "malformed", "email"),
        (10, "malformed", "birthday"), (11, "negative", "points"), (12, "fraction", "points"), (13, "ended", "expires"),
 (15, "short", ""), (16, "wide", ""), (17, "quote", ""), (18, "malformed", "name"),
    ]  # fmt: skip
    assert (job.stage, job.fresh, job.known, job.refused, job.points) == (Stage.CHECKED, 4, 2, 11, 30)
    start(house, job)
    guestbook.Importer().round()
    done = seen(house, job)
    assert (done.stage, done.fresh, done.known, done.refused, done.points) == (Stage.DONE, 4, 2, 11, 30)
    assert refused(house, done) == told
    assert len(everybody(house)) == len(before[0]) + 4
    assert all(reason in guestbook.REASONS for _, reason, _ in told)


def test_each_cell_that_is_wrong_is_named_with_its_reason(house):
    content = text_of(
        "Bad,12,nobody,31.02.1990,-5,", "Ana,+4915130000001,,,999999999999999,", "Ana,+4915130000002,,,many,", '...,,x,x,"12,5",x',
        "Ana,+4915130000003,,,5,someday", "Ana,+4915130000004,,2099-01-01,1.250,2099-01-01",
    )  # fmt: skip
    job = checked(house, content)
    with database.reading() as session:
        told = [[(fault.field, fault.reason) for fault in guestbook.faults_of(row)] for row in guestbook.jobs.refusals(session, job)]
    assert told == [
        [("phone", "malformed"), ("email", "malformed"), ("birthday", "malformed"), ("points", "negative")],
        [("points", "too_many")],
        [("points", "malformed")],
        [("name", "malformed"), ("phone", "missing"), ("email", "malformed"), ("birthday", "malformed"), ("points", "fraction")],
        [("expires", "malformed")],
        [("birthday", "malformed"), ("points", "fraction")],
    ]
    assert (job.fresh, job.refused) == (0, 6)


def test_a_line_with_every_fault_has_room_in_the_report(house):
    head = "Name,Phone,E-mail,Birthday,Points,Valid until,City,Surname,Language,Card"
    job = checked(house, text_of(f"...,12,x,x,5,x,{'y' * 90},,xx,a/b", head=head))
    ((_, reason, field),) = refused(house, job)
    assert len(reason) <= 16
    assert len(field) <= 12
    with database.reading() as session:
        (row,) = guestbook.jobs.refusals(session, job)
    assert [fault.field for fault in guestbook.faults_of(row)] == ["name", "phone", "email", "birthday", "city", "expires", "old_number"]


def test_the_same_file_again_brings_nobody_and_no_points(house):
    content = text_of(*lines_of(60))
    imported(house, content)
    before = everybody(house), rows(Entry)
    job = imported(house, content)
    assert (job.fresh, job.known, job.points) == (0, 60, 0)
    assert (everybody(house), rows(Entry)) == before


def test_the_file_is_gone_when_its_guests_are_in(house):
    job = imported(house, text_of(*lines_of(3), "Nobody,,,,,"))
    assert rows(ImportPiece) == []
    assert job.done_at is not None
    assert "Nobody" not in repr(rows(guestbook.ImportRefusal))


def test_a_file_that_nobody_goes_on_with_is_gone_after_a_day(house):
    job = checked(house, text_of(*lines_of(3)))
    with database.transaction() as session:
        session.get_one(ImportJob, (house.id, job.id)).created_at -= timedelta(hours=25)
    guestbook.Importer().round()
    assert rows(ImportJob) == rows(ImportPiece) == rows(guestbook.ImportRefusal) == []


def test_the_number_of_the_old_plastic_card_is_kept_once(house):
    content = b"phone,card number\n+4915120000001,77-00 1a\n+4915120000002,77001A\n+4915120000003,12;3\n"
    job = imported(house, content)
    assert refused(house, job) == [(3, "taken", "old_number"), (4, "malformed", "old_number")]
    assert [(row.number, row.card_id) for row in rows(OldNumber)] == [("77001A", card_of(house, by_phone(house, "+4915120000001")).id)]
    assert refused(house, imported(house, b"phone,card number\n+4915120000002,77001a\n")) == [(2, "taken", "old_number")]


def test_a_number_alone_is_enough(house):
    imported(house, b"phone\n+4915120000001\n")
    guest = by_phone(house, "+4915120000001")
    assert guest.name == ""
    assert card_of(house, guest).shown == {"points": 0}


def test_what_an_exported_file_had_against_formulas_is_taken_off(house):
    imported(house, b"name,phone\n'=Ana,'+4915120000001\n'Abd,+4915120000002\n")
    assert by_phone(house, "+4915120000001").name == "=Ana"
    assert by_phone(house, "+4915120000002").name == "'Abd"


def test_names_are_cleaned_as_at_every_other_door(house):
    job = imported(house, "name,phone\nA\u202en\u200ba,+4915120000001\n{},+4915120000002\n".format("x" * 90).encode())
    assert by_phone(house, "+4915120000001").name == "Ana"
    assert refused(house, job) == [(3, "malformed", "name")]


def test_invitations_leave_only_when_they_are_asked_for(house):
    config.use(replace(config.current(), sms_url="json://127.0.0.1:9/sms/{to}"))
    imported(house, text_of(*lines_of(2)))
    assert rows(Message) == []
    imported(house, text_of(*lines_of(2, first=10), *lines_of(1)), invite=True)
    assert sorted((one.recipient, one.kind) for one in rows(Message)) == [
        ("+4915110000010", "invitation"),
        ("+4915110000011", "invitation"),
    ]


def test_a_guest_who_comes_by_another_door_meanwhile_is_not_made_twice(house):
    job = checked(house, text_of(*lines_of(2)))
    with database.transaction() as session:
        join_guest(session, house.program, "Faster", "+4915110000001")
    start(house, job)
    guestbook.Importer().round()
    done = seen(house, job)
    assert (done.fresh, done.known) == (1, 1)
    assert by_phone(house, "+4915110000001").name == "Faster"


def test_a_piece_that_comes_twice_is_one_and_a_wrong_one_is_refused(house):
    content = text_of(*lines_of(5_000))
    piece = guestbook.jobs.PIECE
    with database.transaction() as session:
        job = guestbook.jobs.begin(session, "luna", filename="\x00/etc/passwd\n", size=len(content))
        assert job.filename == "/etc/passwd"
        for _ in range(2):
            guestbook.jobs.take(session, job, 0, content[:piece])
        assert job.pieces == 1
        for position, wrong in ((1, b"x"), (99, b"x"), (-1, content[:piece]), (0, content[: piece - 1])):
            with pytest.raises(Malformed):
                guestbook.jobs.take(session, job, position, wrong)
        with pytest.raises(Conflict):
            guestbook.jobs.look_at(job)


@pytest.mark.parametrize("size", [0, -1, guestbook.LARGEST + 1])
def test_a_file_too_large_is_refused_before_any_of_it_was_sent(house, size):
    with pytest.raises(Malformed), database.transaction() as session:
        guestbook.jobs.begin(session, "luna", filename="x", size=size)
    assert rows(ImportJob) == []


def test_a_mapping_that_cannot_be_meant_is_refused(house):
    job = uploaded(house, text_of(*lines_of(1)))
    for mapping in ({"name": 0}, {"phone": 1, "name": 1}, {"phone": 1, "shoe": 2}, {"phone": -1}, {"phone": 1, "expires": 5}):
        with pytest.raises(Malformed), database.transaction() as session:
            guestbook.jobs.check(session, guestbook.jobs.get(session, "luna", job.id), header=True, dates="dmy", mapping=mapping)
    with pytest.raises(Conflict), database.transaction() as session:
        guestbook.jobs.run(session, guestbook.jobs.get(session, "luna", job.id))


def test_another_encoding_can_be_chosen(house):
    job = uploaded(house, "name;phone\nJosé;+34600000001\n".encode("cp1252"))
    again = guestbook.jobs.look_at(job, encoding="cp1251", delimiter=";")
    with database.transaction() as session:
        assert guestbook.jobs.settle(session, guestbook.jobs.get(session, "luna", job.id), again).encoding == "cp1251"
    for encoding, delimiter in (("klingon", ";"), ("utf-8", "x"), ("utf-8", "")):
        with pytest.raises(Malformed):
            guestbook.jobs.look_at(job, encoding=encoding, delimiter=delimiter)


def test_a_job_of_another_restaurant_is_not_known(house):
    job = uploaded(house, text_of(*lines_of(1)))
    with database.reading() as session, pytest.raises(NotFound):
        guestbook.jobs.get(session, "sova", job.id)


def test_of_two_who_want_to_work_at_an_import_one_does(house):
    job = checked(house, text_of(*lines_of(100)))
    start(house, job)
    first = guestbook.claim()
    assert first is not None
    assert guestbook.claim() is None
    with database.transaction() as session:
        session.get_one(ImportJob, (house.id, job.id)).lease_until -= timedelta(hours=1)
        session.get_one(ImportJob, (house.id, job.id)).owner = "somebody else"
    second = guestbook.claim()
    assert second is not None
    with database.transaction() as session:
        session.get_one(ImportJob, (house.id, job.id)).owner = "the next one"
    guestbook.work(second)
    assert seen(house, job).reached == 0
    assert len(everybody(house)) == 1


def test_an_import_that_breaks_goes_on_behind_its_last_line(house, monkeypatch):
    content = text_of(*lines_of(130), "Nobody,,,,,")
    job = checked(house, content)
    start(house, job)
    broken = iter(range(100))

    def opening(*args):
        if next(broken) == 95:
            raise RuntimeError("the plug is pulled")
        return real(*args)

    real = ledger.opening
    monkeypatch.setattr(ledger, "opening", opening)
    with pytest.raises(RuntimeError):
        guestbook.work(guestbook.claim())
    stopped = seen(house, job)
    assert 0 < stopped.reached < 131
    assert len(everybody(house)) == 1 + stopped.fresh == 81
    monkeypatch.undo()
    with database.transaction() as session:
        session.get_one(ImportJob, (house.id, job.id)).lease_until -= timedelta(hours=1)
    guestbook.Importer().round()
    done = seen(house, job)
    assert (done.stage, done.fresh, done.refused, done.points) == (Stage.DONE, 130, 1, 1300)
    assert len(everybody(house)) == 131
    assert len({guest.phone for guest in everybody(house)}) == 131
    with database.reading() as session:
        assert session.exec(select(func.count()).select_from(Lot)).one() == 130
    assert faults(house) == []


def test_without_the_mark_of_how_far_it_came_lots_would_be_opened_twice(house, monkeypatch):
    """The negative control of the test above: an import that begins again knows its guests by the number alone."""
    job = checked(house, text_of(*lines_of(5)))
    start(house, job)
    guestbook.work(guestbook.claim())
    with database.transaction() as session:
        row = session.get_one(ImportJob, (house.id, job.id))
        row.stage, row.reached, row.owner = Stage.RUNNING, 0, ""
        # And without the look at the base, each of them comes again.
        session.add(guestbook.ImportPiece(program_id=house.id, job_id=job.id, position=0, content=text_of(*lines_of(5))))
    monkeypatch.setattr(guests, "known_phones", lambda *_: set())
    guestbook.work(guestbook.claim())
    assert len(everybody(house)) == 11
    assert sum(lot.amount for lot in rows(Lot)) == 100


def test_what_is_wrong_with_the_file_ends_the_job_with_the_reason(house, monkeypatch):
    job = checked(house, text_of(*lines_of(3)))
    start(house, job)
    monkeypatch.setattr("walletpass.guestbook.lines.MOST_LINES", 2)
    guestbook.Importer().round()
    failed = seen(house, job)
    assert failed.stage == Stage.FAILED
    assert "more than 2 lines" in failed.reason
    assert rows(ImportPiece) == []


def test_points_come_in_as_one_number_however_it_is_written():
    for text, points in (("1 250", 1250), ("1\u00a0250", 1250), ("7.00", 7), ("7,0", 7), ("", 0)):
        found = look(text_of(f'Ana,+4915123456789,,,"{text}",'))
        assert read(found.first[1], found.plan, BERLIN).points == points


def test_the_balance_of_a_card_is_what_its_entries_say(house):
    imported(house, text_of(*lines_of(2)))
    for guest in everybody(house)[1:]:
        card = card_of(house, guest)
        with database.reading() as session:
            assert ledger.balance(session, house.id, card.id).points == card.shown["points"] == 10
