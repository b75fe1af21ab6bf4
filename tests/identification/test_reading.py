"""What scanners and readers type through any keyboard layout; the server reads it as the till's page does."""

import json
import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import walletpass
from walletpass.identification import reading

PAGE = Path(walletpass.__file__).parent / "web" / "static" / "codes.js"
# The keys of a keyboard, from the top: plain and with Shift; what layouts make of them.
US = "`1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./" + '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>?'
RU = "ё1234567890-=йцукенгшщзхъфывапролджэячсмитьбю." + 'Ё!"№;%:?*()_+ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,'
UK = "'1234567890-=йцукенгшщзхїфівапролджєячсмитьбю." + '₴!"№;%:?*()_+ЙЦУКЕНГШЩЗХЇФІВАПРОЛДЖЄЯЧСМИТЬБЮ,'
LAYOUTS = {"en": US, "ru": RU, "uk": UK}


def typed(text: str, layout: str) -> str:
    """What arrives when a scanner that thinks of an American keyboard types the text."""
    return text.translate(str.maketrans(US, LAYOUTS[layout]))


layouts = st.sampled_from(sorted(LAYOUTS))
digits = st.text("0123456789", min_size=8, max_size=60)


@given(digits, layouts, st.sampled_from(["", "]Q3", "]C1", "]L0", "]e0"]))
def test_digits_come_back_through_any_layout_with_and_without_the_kind_of_code(code, layout, kind):
    assert reading.read_code(typed(kind + code, layout)) == code


@given(st.text("0123456789", min_size=8, max_size=19), st.text("0123456789", max_size=20), layouts)
def test_a_stripe_gives_its_number_through_any_layout(number, rest, layout):
    raw = typed(f";{number}={rest}?", layout)
    assert reading.stripe(reading.clean(raw)) == number
    assert reading.read_code(raw) == number


@given(st.binary(min_size=4, max_size=10), layouts, st.booleans())
def test_the_number_of_a_chip_comes_back_in_either_case(number, layout, capital):
    text = number.hex(":")
    text = text.upper() if capital else text
    assert reading.chip(reading.clean(typed(text, layout))) == number.hex().upper()
    assert reading.chip(reading.clean(typed(text.replace(":", ""), layout))) == number.hex().upper()


def test_the_stripe_of_the_story():
    assert reading.read_code("ж6301123412341234=99121010000000000000,") == "6301123412341234"
    assert reading.read_code("ъЙ3" + "1" * 57) == "1" * 57


@pytest.mark.parametrize(
    "text",
    ["https://luna.example/c/12345678", "WIFI:T:WPA;S=Luna;P=12345678;;", "BEGIN:VCARD", "1234567", "", "hello", "tel:+4912345678901"],
)
def test_addresses_networks_and_words_are_no_codes(text):
    assert reading.read_code(text) is None or text.startswith("tel")


def cases() -> list[str]:
    chance = random.Random(7)
    shapes = [
        lambda: "".join(chance.choices("0123456789", k=chance.randint(1, 60))),
        lambda: ";" + "".join(chance.choices("0123456789", k=chance.randint(4, 19))) + chance.choice("=+") + "9912101?",
        lambda: chance.randbytes(chance.randint(3, 11)).hex(chance.choice(":-;")),
        lambda: chance.randbytes(chance.randint(3, 11)).hex().upper(),
        lambda: "".join(chance.choices(US, k=chance.randint(1, 40))),
        lambda: "".join(chance.choices(RU + UK + " -", k=chance.randint(1, 40))),
        lambda: chance.choice(["https://a.example/", "WIFI:", "]Q3", "]C1", "}q3"]) + "".join(chance.choices("0123456789", k=20)),
    ]
    plain = [chance.choice(shapes)() for _ in range(1_500)]
    return [typed(text, chance.choice(list(LAYOUTS))) for text in plain] + ["ё" * 9, "  12345678  ", "１２３４５６７８", "12é345678"]


def test_server_and_page_read_everything_alike():
    table = cases()
    program = (
        "import { readCode } from " + json.dumps(PAGE.as_uri()) + ";"
        "let text = ''; for await (const part of process.stdin) text += part;"
        "console.log(JSON.stringify(JSON.parse(text).map(readCode)));"
    )
    run = subprocess.run(
        ["node", "--input-type=module", "-e", program], input=json.dumps(table), capture_output=True, text=True, check=True, timeout=60
    )
    page = json.loads(run.stdout)
    assert len(page) == len(table)
    assert sum(answer is not None for answer in page) > 300
    assert [(text, answer) for text, answer in zip(table, page, strict=True) if reading.read_code(text) != answer] == []
