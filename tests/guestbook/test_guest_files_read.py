"""A file of guests as old tills write it: any bytes, and no line lost without a word."""

import csv
import io
import itertools
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.guestbook.files import HEAD, look, pieces, text_of
from walletpass import guestbook
from walletpass.errors import Malformed
from walletpass.guestbook import encodings, lines
from walletpass.guestbook.lines import Line, Record
from walletpass.guests import LANGUAGES

ANNA = "Анна Шевченко,+380501234567,anna@example.com,1990-05-17,120,"
MANY = settings(deadline=None, max_examples=200)


def records(content, delimiter=",", encoding="utf-8", size=7):
    return list(lines.records(lines.lines(encodings.decoded(pieces(content, size), encoding)), delimiter))


@MANY
@given(st.binary(max_size=400), st.sampled_from(lines.DELIMITERS), st.sampled_from(encodings.FOUND), st.integers(1, 50))
@example(b'"', ",", "utf-8", 1)
@example(b'a,"b\n"c"d"\n,"', ",", "utf-8", 3)
@example(b"\r\n\r\r\n", ",", "utf-16", 1)
@example(b"\xff\xfe\x00\xd8", ",", "utf-16", 1)
def test_whatever_the_bytes_each_line_is_read_or_refused(content, delimiter, encoding, size):
    text = "".join(encodings.decoded(pieces(content, size), encoding))
    found = records(content, delimiter, encoding, size)
    for record in found:
        assert bool(record.cells) != bool(record.fault)
        assert record.number <= record.last
        assert not any("\x00" in cell or "\ufffd" in cell for cell in record.cells)
    numbers = [number for record in found for number in range(record.number, record.last + 1)]
    assert numbers == sorted(set(numbers))
    told = {line.number for line in lines.lines([text]) if line.fault or line.text.strip()}
    assert told <= set(numbers)


@MANY
@given(st.binary(max_size=600))
@example(b"")
@example(b"\x00" * 50)
@example(b"\xef\xbb\xbf")
@example(b"\xfe\xff\x00")
def test_a_look_at_any_bytes_is_a_plan_or_a_plain_refusal(content):
    try:
        found = look(content)
    except Malformed:
        return
    assert found.plan.encoding in encodings.FOUND
    assert found.plan.delimiter in lines.DELIMITERS
    assert found.total >= 1


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufffd"), max_size=30)


@MANY
@given(st.lists(st.lists(CELL, min_size=2, max_size=5), min_size=1, max_size=8), st.sampled_from(lines.DELIMITERS), st.integers(1, 40))
def test_what_another_program_wrote_by_the_rules_is_read_as_it_was(rows, delimiter, size):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    # The ends of lines inside of a cell are one character to us, whatever they were.
    expected = [tuple(cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row) for row in rows]
    if any(cell.count("\n") > lines.MOST_FOLLOWING for row in expected for cell in row):
        return
    assert [record.cells for record in records(out.getvalue().encode(), delimiter, size=size)] == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"])
def test_cyrillic_is_recognised_in_each_of_its_encodings(encoding):
    found = look(text_of(ANNA, ANNA, ANNA, head="Ім'я,Телефон,Пошта,День народження,Бали,Дійсні до").decode().encode(encoding))
    assert found.plan.encoding == encoding
    assert found.first[1].cells[0] == "Анна Шевченко"
    assert found.plan.mapping == {"name": 0, "phone": 1, "email": 2, "birthday": 3, "points": 4, "expires": 5}


@pytest.mark.parametrize(("encoding", "found"), [("cp1252", "cp1252"), ("latin-1", "cp1252")])
def test_western_accents_are_recognised(encoding, found):
    content = "Name;Phone\nJosé Núñez;+34600000001\nZoë Müller;+49151000001\n".encode(encoding)
    assert look(content).plan.encoding == found
    assert look(content).plan.delimiter == ";"
    assert look(content).first[1].cells[0] == "José Núñez"


def test_one_broken_letter_among_many_is_a_broken_line_and_no_other_encoding():
    content = text_of(*[ANNA] * 20).replace("Анна".encode(), b"\xd0\xff", 1)
    found = look(content)
    assert found.plan.encoding == "utf-8"
    assert [record.fault for record in found.first if record.fault] == ["unreadable"]


def test_the_first_accent_may_stand_on_the_last_line():
    content = text_of(*[f"Ana,+49151{number},,,," for number in range(10_000_000, 10_002_000)]) + "José,+34600000001".encode("cp1252")
    assert look(content).plan.encoding == "cp1252"


def test_a_broken_line_in_the_middle_spoils_no_other():
    rows = ["A,1", 'B,"2', "C,3", "D\x00,4", 'E,"5"x', 'F,"six\nlines"', "G,7"]
    found = records("\n".join(rows).encode())
    assert [(record.number, record.fault) for record in found] == [
        (1, ""), (2, "quote"), (3, ""), (4, "zero_byte"), (5, "quote"), (6, ""), (8, ""),
    ]  # fmt: skip
    assert found[5] == Record(6, 7, ("F", "six\nlines"))


def test_a_quote_that_is_never_closed_does_not_eat_the_file():
    content = text_of('"Ana,+4915110000000,,,,', *[f"Guest,+49151{number},,,," for number in range(20_000_000, 20_001_000)])
    found = records(content, size=4_096)
    assert [record.number for record in found if record.fault] == [2]
    assert len(found) == 1_002


def test_a_line_without_an_end_is_refused_and_forgotten_while_it_is_read():
    tracemalloc.start()
    texts = itertools.chain(itertools.repeat("x" * 100_000, 500), ["\nAna,+49151"])
    found = list(lines.lines(texts))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == [Line(1, "", "too_long"), Line(2, "Ana,+49151")]
    assert peak < 2_000_000


def test_ten_million_lines_are_refused_early_and_cost_no_memory():
    tracemalloc.start()
    read = []

    def endless():
        for piece in itertools.repeat(b"Ana,+4915123456789\n" * 500, 20_000):
            read.append(1)
            yield piece

    with pytest.raises(Malformed, match="more than 250000 lines"):
        guestbook.look(endless, encoding="utf-8", delimiter=",")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000
    assert len(read) < 600


def test_a_file_of_empty_lines_counts_them_too():
    with pytest.raises(Malformed, match="more than 250000 lines"):
        look(b"\n" * 250_001)


@pytest.mark.parametrize(
    ("head", "mapping"),
    [
        ("ФИО;Телефон;Дата рождения;Баллы;Номер карты", {"name": 0, "phone": 1, "birthday": 2, "points": 3, "old_number": 4}),
        ("First Name;Last name;Mobile;City;Language", {"name": 0, "surname": 1, "phone": 2, "city": 3, "language": 4}),
        ("Моб. телефон;Прізвище;Ім’я;Місто;Термін дії", {"phone": 0, "surname": 1, "name": 2, "city": 3, "expires": 4}),
        ("Name;Telefon;Geburtstag;E-Mail;Punkte;Gültig bis", {"name": 0, "phone": 1, "birthday": 2, "email": 3, "points": 4, "expires": 5}),
        ("Nachname;Vorname;Handynummer;GEBURTSDATUM;Kartennummer", {"surname": 0, "name": 1, "phone": 2, "birthday": 3, "old_number": 4}),
        ("Nombre;Teléfono;Correo electrónico;Puntos;Válido hasta", {"name": 0, "phone": 1, "email": 2, "points": 3, "expires": 4}),
        ("Nom;Prénom;Téléphone;Ville;Solde", {"surname": 0, "name": 1, "phone": 2, "city": 3, "points": 4}),
        ("Nome;Cognome;Cellulare;Punti;Scadenza", {"name": 0, "surname": 1, "phone": 2, "points": 3, "expires": 4}),
        ("Imię;Nazwisko;Telefon;Punkty;Ważne do", {"name": 0, "surname": 1, "phone": 2, "points": 3, "expires": 4}),
        ("id;phone;name;E-mail address;date_of_birth", {"phone": 1, "name": 2, "email": 3, "birthday": 4}),
    ],
)
def test_columns_are_guessed_by_their_names(head, mapping):
    found = look(f"{head}\n1;2;3;4;5\n".encode())
    assert found.plan.header
    assert found.plan.mapping == mapping


def test_columns_without_names_are_guessed_by_what_stands_in_them():
    found = look(b"Ana;ana@example.com;+49 151 23456789;17.05.1990\nBea;bea@example.com;0151/2345678;03.04.1985\n")
    assert not found.plan.header
    assert found.plan.mapping == {"email": 1, "phone": 2, "birthday": 3}


@pytest.mark.parametrize("head", ["Kunde;Telefon;Irgendwas", "Name;Phone;Registered", "Name;Phone;Gültig bis"])
def test_dates_under_a_name_of_their_own_are_no_birthdays(head):
    assert "birthday" not in look(f"{head}\nAna;+49 151 23456789;17.05.1990\nBea;0151/2345678;03.04.1985\n".encode()).plan.mapping


@pytest.mark.parametrize("dates", [("31.12.2199", "30.06.2199"), ("2026-01-04", "2025-11-30"), ("17.05.1990", "31.12.2199")])
def test_days_on_which_nobody_can_be_born_are_no_birthdays(dates):
    text = "".join(f"Ana;+49 151 2345678{place};{date}\n" for place, date in enumerate(dates))
    assert look(text.encode()).plan.mapping == {"phone": 1}


@pytest.mark.parametrize(("born", "order"), [("17/05/1990", "dmy"), ("05/17/1990", "mdy"), ("05/06/1990", "dmy")])
def test_the_order_of_day_and_month_is_found_out(born, order):
    assert look(text_of(f"Ana,+4915123456789,,{born},,")).plan.dates == order


def test_our_own_names_of_columns_are_understood():
    assert look((",".join(guestbook.FIELDS) + "\n" + "x," * 10).encode()).plan.mapping.keys() >= {
        "name",
        "phone",
        "email",
        "birthday",
        "points",
    }
    assert HEAD.count(",") == 5


def test_we_speak_what_the_cards_speak():
    from walletpass.cards.designs import LANGUAGES as OF_CARDS

    assert LANGUAGES == OF_CARDS
