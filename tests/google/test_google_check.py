"""`walletpass google check`: each fault is named with what mends it, and a sound set-up is called sound."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from time import time
from typing import Any

import pytest
from click.testing import CliRunner
from sqlmodel import col, update
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.cast import make_app
from tests.google.conftest import EMAIL, ISSUER, FakeGoogle
from tests.google.town import on_google
from walletpass import config, database, programs
from walletpass.cards import Card
from walletpass.cli.google import google as command
from walletpass.delivery.pause import pause
from walletpass.google import check as room
from walletpass.programs import Program

CLASS = f"{ISSUER}.luna"


@dataclass
class Front:
    """What stands before our server: it may answer for some paths itself."""

    app: Any = None
    answers: dict[str, Response] = field(default_factory=dict)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        path = Request(environ).path
        mine = next((answer for prefix, answer in self.answers.items() if path.startswith(prefix)), None)
        return (mine or self.app)(environ, start_response)


@pytest.fixture
def front(restaurant: Path, fake: FakeGoogle) -> Iterator[Front]:
    """Our real server on this machine, with Google's two doors beside it."""
    before = Front()
    server = make_server("127.0.0.1", 0, before, threaded=True)
    settings = vars(config.current())
    url = f"sqlite:///{restaurant / 'test.sqlite'}"
    config.use(
        config.Settings(**{**settings, "base_url": f"http://127.0.0.1:{server.port}", "database_url": url, "wrong_token_per_minute": 0})
    )
    before.app = make_app()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield before
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def door(fake: FakeGoogle, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Google knows the issuer, and says what time it is to whoever knocks."""
    fake.resources["issuer"] = {ISSUER: {"issuerId": ISSUER, "name": "Luna"}}
    api, clock = fake.api, {"ahead": 0.0}
    monkeypatch.setattr(fake, "api", lambda request: Response(status=404) if request.path == "/v1" else api(request))
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda *_: formatdate(time() + clock["ahead"], usegmt=True))
    return clock


def found(level: str = "fault") -> list[str]:
    with database.reading() as session:
        program = programs.get(session, "luna")
    return [finding.sentence for finding in room.check(program) if finding.level == level]


def only_fault() -> str:
    (sentence,) = found()
    return sentence


def change(**values: Any) -> None:
    with database.transaction() as session:
        session.exec(update(Program).where(col(Program.id) == "luna").values(**values))


def test_a_sound_set_up_is_sound_before_the_first_card(front: Front, fake: FakeGoogle) -> None:
    assert found() == []
    told = found("sound")
    assert f"Google lets {EMAIL} speak for issuer {ISSUER}." in told
    assert f"The class {CLASS} is not there yet: the first guest who saves a card has it made." in told
    assert any("images can be fetched" in sentence for sentence in told)
    assert "Google can call when a card is saved or removed." in told
    assert [call for call in fake.log if not call.startswith("GET ")] == []


def test_the_class_that_the_server_has_written_is_sound(front: Front, fake: FakeGoogle, card: Card) -> None:
    with database.reading() as session:
        room.send_class(programs.get(session, "luna"))
    fake.resources["loyaltyClass"][CLASS]["reviewStatus"] = "approved"
    assert found() == []
    assert f"The class {CLASS} is approved." in found("sound")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "Google Wallet is not set up: there is no"),
        ("{", "cannot be read as JSON"),
        ('{"type": "authorized_user"}', "its type is 'authorized_user'. Make a new JSON key"),
    ],
)
def test_a_key_that_is_none_ends_the_search(front: Front, key_file: Path, fake: FakeGoogle, content: str | None, sentence: str) -> None:
    key_file.unlink() if content is None else key_file.write_text(content)
    assert sentence in only_fault()
    assert fake.calls == []


def test_a_key_of_another_project_is_told(front: Front, key_file: Path) -> None:
    key_file.write_text(json.dumps({**json.loads(key_file.read_text()), "project_id": "sova"}))
    assert "is not of the project sova" in only_fault()


def test_a_program_without_an_issuer_is_told_how_to_get_one(front: Front) -> None:
    change(google_issuer_id="")
    assert "walletpass programs google luna --issuer 3388" in only_fault()


def test_a_key_that_google_refuses_is_told(front: Front, fake: FakeGoogle) -> None:
    fake.token_answers.append(Response(json.dumps({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}), 400))
    sentence = only_fault()
    assert "Google does not accept the key of the service account" in sentence
    assert "The key was deleted or switched off" in sentence


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((403, "permissionDenied", "no access"), [f"invite {EMAIL} there under Users, as a Developer", "Compare the issuer id"]),
        ((403, "accessNotConfigured", "Google Wallet API has not been used in project 12 before"), ["Switch the Google Wallet API on"]),
        ((404, "notFound", "no issuer"), [f"Google knows no issuer {ISSUER}", "walletpass programs google luna --issuer"]),
        ((400, "invalid", "bad issuer"), ["Compare the issuer id"]),
        ((503, "backendError", "later"), ["try again later"]),
    ],
)
def test_what_google_says_of_the_issuer_is_told_with_what_mends_it(front: Front, fake: FakeGoogle, answer: Any, words: list[str]) -> None:
    fake.next(*answer)
    sentence = only_fault()
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize("spelling", ["DRAFT", "draft"])
def test_a_draft_is_told_and_sent_anew(front: Front, fake: FakeGoogle, spelling: str) -> None:
    with database.reading() as session:
        program = programs.get(session, "luna")
    room.send_class(program)
    fake.resources["loyaltyClass"][CLASS]["reviewStatus"] = spelling
    assert (
        only_fault()
        == f"The class {CLASS} is a draft, and no card of a draft can be saved. Send it anew: walletpass google send-class luna"
    )
    room.send_class(program)
    assert found() == []


def test_a_rejected_class_is_told_with_google_s_reason(front: Front, fake: FakeGoogle) -> None:
    with database.reading() as session:
        room.send_class(programs.get(session, "luna"))
    fake.resources["loyaltyClass"][CLASS] |= {"reviewStatus": "rejected", "review": {"comments": "The logo is blurred."}}
    assert "has rejected the class 3388000000000000001.luna: The logo is blurred." in only_fault()


def test_a_class_that_calls_another_server_is_told(front: Front, fake: FakeGoogle) -> None:
    with database.reading() as session:
        room.send_class(programs.get(session, "luna"))
    fake.resources["loyaltyClass"][CLASS]["callbackOptions"] = {"url": "https://old.example/google/callback/luna"}
    assert "Google calls https://old.example/google/callback/luna" in only_fault()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Response(status=404), "is answered 404"),
        (Response(status=401), "Google asks without password"),
        (Response(status=301, headers={"Location": "https://elsewhere.example/"}), "leads on to https://elsewhere.example/"),
        (Response("<html>", mimetype="text/html"), "comes as text/html, not as an image"),
        (Response(b"x" * (2**20 + 1), mimetype="image/png"), "is larger than 1 MiB"),
        (Response(b"", mimetype="image/png"), "is empty"),
    ],
)
def test_an_image_that_google_could_not_use_is_told(front: Front, answer: Response, words: str) -> None:
    front.answers["/artwork/"] = answer
    sentences = found()
    assert len(sentences) >= 2
    assert all(words in sentence and "/artwork/" in sentence for sentence in sentences)


@pytest.mark.parametrize("status", [301, 403, 404, 405, 500])
def test_a_callback_that_does_not_come_through_is_told(front: Front, status: int) -> None:
    front.answers["/google/callback/"] = Response(status=status)
    assert f"was answered {status} and not 400 by walletpass" in only_fault()


def test_a_robots_file_that_keeps_google_out_is_told(front: Front) -> None:
    front.answers["/robots.txt"] = Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")
    assert ["keeps Googlebot from" in sentence for sentence in found()] == [True, True]
    front.answers["/robots.txt"] = Response(status=401)
    assert "keeps Google from everything here" in only_fault()


def test_our_own_robots_file_lets_google_in(front: Front) -> None:
    assert not any("robots" in sentence for sentence in found())


def test_a_server_that_is_down_is_told(front: Front) -> None:
    config.use(config.Settings(**{**vars(config.current()), "base_url": "http://127.0.0.1:9"}))
    sentences = found()
    assert any("The image" in sentence and "Connection refused" in sentence for sentence in sentences)
    assert any("Google cannot call" in sentence for sentence in sentences)


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:8000", "https://localhost", "https://192.168.1.20", "https://till.local", "https://intranet"]
)
def test_an_address_that_only_this_house_knows_is_told(front: Front, monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    config.use(config.Settings(**{**vars(config.current()), "base_url": base}))
    assert not any("Google cannot reach" in sentence for sentence in found())  # the sandbox's Google can
    monkeypatch.setattr("walletpass.google.reach.with_sandbox", lambda: False)
    assert any(f"Google cannot reach {base}" in sentence for sentence in found())


@pytest.mark.parametrize(("ahead", "words"), [(-90, "90 s ahead of Google's"), (90, "s behind Google's")])
def test_a_wrong_clock_is_told(front: Front, door: dict[str, float], ahead: float, words: str) -> None:
    door["ahead"] = ahead
    sentence = only_fault().replace("91 s", "90 s").replace("89 s", "90 s")
    assert words in sentence
    assert "timedatectl" in sentence


def test_a_clock_that_is_some_seconds_off_is_nobody_s_trouble(front: Front, door: dict[str, float]) -> None:
    door["ahead"] = 20
    assert found() == []


def test_google_out_of_reach_is_told(front: Front) -> None:
    config.use(config.Settings(**{**vars(config.current()), "google_api_url": "http://127.0.0.1:9/v1"}))
    assert any("Google cannot be reached from here (Connection refused)" in sentence for sentence in found())


def test_a_save_link_that_is_too_long_is_told(front: Front) -> None:
    config.use(config.Settings(**{**vars(config.current()), "base_url": "http://" + "x." * 600 + "localhost"}))
    assert any("1800 is all that browsers carry safely" in sentence for sentence in found())


def test_that_demo_mode_cannot_be_seen_is_said_and_what_hints_at_it(front: Front, issue: Callable[..., Card]) -> None:
    assert (found("hint"), "No guest has asked for a card yet." in found("sound")) == ([], True)
    on_google(*(issue(f"Guest {number}", wallets=()) for number in range(5)))
    (after,) = found("hint")
    assert after == "None of the 5 guests who asked for a card has saved it, which is what demo mode looks like."


def test_demo_mode_is_explained_once_and_marks_tell_good_from_bad(front: Front, fake: FakeGoogle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("walletpass.cli.google.ready", config.current)
    with database.transaction() as session:
        programs.create(
            session,
            id="sova",
            name="Sova",
            pass_type_identifier="pass.sova",
            team_identifier="SOVA000001",
            google_issuer_id=ISSUER,
            design="test",
        )
    fake.next(403, "permissionDenied", "no access")
    said = CliRunner().invoke(command, ["check"]).output
    assert said.count("Google does not tell us whether an issuer is in demo mode") == 1
    assert "Trattoria Luna (luna)\n" in said
    lines = said.splitlines()
    assert any(line.startswith("+ ") and "Google lets" in line for line in lines)
    assert [line[:17] for line in lines if line.startswith("x ")] == ["x Google does not"]


def test_a_channel_that_is_shut_is_told_with_what_opens_it(front: Front) -> None:
    with database.transaction() as session:
        pause(session, "luna", "google", "Google Wallet answered 401: bad token", 900)
        pause(session, "luna", "apple", "not Google's", 900)
    sentence = only_fault()
    assert "Google Wallet is paused for luna since" in sentence
    assert "Google Wallet answered 401: bad token. Mend it, then press Resume now on " in sentence
    assert "/t/luna/deliveries, or it tries again at " in sentence


def test_an_answer_that_never_came_is_told_in_plain_words(front: Front) -> None:
    config.use(config.Settings(**{**vars(config.current()), "google_api_url": "http://127.0.0.1:9/v1"}))
    sentences = found()
    assert any(sentence.startswith("Google did not answer (Connection refused). Let this machine reach") for sentence in sentences)
    assert not any("HTTPConnectionPool" in sentence or "Error" in sentence for sentence in sentences)


def test_messages_say_that_there_are_none_and_that_the_channel_is_shut(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("walletpass.cli.google.ready", config.current)
    assert CliRunner().invoke(command, ["messages", "luna"]).output.startswith("Nothing was announced yet.")
    with database.transaction() as session:
        pause(session, "luna", "google", "Google Wallet answered 401: bad token", 900)
    assert "Google Wallet is paused for luna since" in CliRunner().invoke(command, ["messages", "luna"]).output


def test_the_command_ends_with_1_when_something_is_to_mend(front: Front, fake: FakeGoogle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("walletpass.cli.google.ready", config.current)
    sound = CliRunner().invoke(command, ["check"])
    assert (sound.exit_code, sound.output.splitlines()[-1]) == (0, "Everything that can be seen from here is sound.")
    assert "Trattoria Luna" in sound.output
    fake.next(403, "permissionDenied", "no access")
    broken = CliRunner().invoke(command, ["check", "luna"])
    assert (broken.exit_code, broken.output.splitlines()[-1]) == (1, "1 to mend.")
