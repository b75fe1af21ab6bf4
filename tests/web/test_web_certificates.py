"""The owner's page of the certificate, what health and metrics say of it, and a restaurant whose certificate has expired."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from sqlmodel import select

from tests.cast import make_app
from tests.tills import signed_in, till_browser
from walletpass import cards, database
from walletpass.apple import guardian
from walletpass.apple.guardian import requesting
from walletpass.delivery import Outbox
from walletpass.sandbox import chain

KIND = chain.PassType("luna", "pass.example.luna", "LUNA000001", "Luna")
PAGE = "/t/luna/certificates"
DER = serialization.Encoding.DER
TOKEN = "5e" * 16


@pytest.fixture(scope="session")
def issued(certs):
    return chain.pass_certificate(chain.load(certs.parent / "outside", "wwdr"), KIND, lasts=timedelta(days=800))


@pytest.fixture
def folder(luna, certs, tmp_path, settings_for, sqlite):
    """Luna's certificates, to be changed."""
    shutil.copytree(certs, tmp_path / "certs")
    settings_for(sqlite.database_url, certs_dir=str(tmp_path / "certs"), metrics_token=TOKEN)
    return tmp_path / "certs" / "luna"


@pytest.fixture
def app(folder):
    return make_app()


@pytest.fixture
def owner(app, luna):
    return signed_in(app, luna, "Dmitro")


@pytest.fixture
def key_made(issued, monkeypatch):
    monkeypatch.setattr(requesting, "new_key", lambda: issued.key)


def upload(browser, *files, **form):
    parts = [(BytesIO(data), name) for name, data in files]
    return browser.post(PAGE, data={"files": parts, **form}, content_type="multipart/form-data")


def p12(issued, password=b"Limone 7"):
    algorithm = serialization.BestAvailableEncryption(password)
    return serialization.pkcs12.serialize_key_and_certificates(b"Luna", issued.key, issued.certificate, None, algorithm)


def look(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


# --- the page -------------------------------------------------------------------------------------


def test_the_page_says_how_long_the_certificate_lasts_and_what_to_do(owner, folder):
    page = owner.get(PAGE)
    assert page.status_code == 200
    for words in (
        "All is well, nothing to do.",
        "pass.example.luna",
        "RSA 2048",
        "G4",
        "Make a signing request",
        "developer.apple.com/account",
    ):
        assert words in page.text
    assert 'href="/t/luna/certificates"' in owner.get("/t/luna/manage").text


@pytest.mark.parametrize(
    ("days", "words"), [(370, "Renew it now: 25 days are left."), (394.5, "Renew it now: 1 day is left."), (500, "Expired. No new card")]
)
def test_the_page_is_urgent_when_it_should_be(app, folder, luna, days, words):
    with time_machine.travel(datetime.now(UTC) + timedelta(days=days), tick=False):
        assert words in signed_in(app, luna, "Dmitro").get(PAGE).text


def test_a_restaurant_without_a_certificate_is_told_how_to_begin(owner, folder):
    shutil.rmtree(folder)
    assert "There is none yet" in owner.get(PAGE).text
    assert not folder.exists()


def test_only_a_manager_gets_there(app, luna, folder):
    stranger, (till, _) = app.test_client(), till_browser(app)
    bruno = signed_in(app, luna, "Bruno")
    for browser, get, post in ((stranger, 302, 401), (till, 302, 401), (bruno, 403, 403)):
        assert browser.get(PAGE).status_code == get
        assert browser.get(f"{PAGE}/pass.csr").status_code == post
        assert upload(browser, ("pass.cer", b"x")).status_code == post


def test_from_the_request_to_the_certificate_in_use(owner, folder, key_made, issued):
    assert owner.get(f"{PAGE}/pass.csr").status_code == 404
    made = owner.post(PAGE, data={"action": "request"})
    assert "The signing request is ready." in made.text
    csr = owner.get(f"{PAGE}/pass.csr")
    assert x509.load_pem_x509_csr(csr.data).public_key() == issued.key.public_key()
    assert csr.headers["Content-Disposition"] == 'attachment; filename="luna.csr"'
    done = upload(owner, ("pass.cer", issued.certificate.public_bytes(DER)))
    assert (done.status_code, "The certificate is in use." in done.text) == (200, True)
    assert "Make a signing request" in done.text
    assert "This certificate was in use already." in upload(owner, ("pass.cer", issued.certificate.public_bytes(DER))).text


def test_several_files_and_a_password(owner, folder, issued, certs):
    done = upload(owner, ("Luna.p12", p12(issued)), ("AppleWWDRCAG4.cer", (certs / "luna" / "wwdr.pem").read_bytes()), password="Limone 7")
    assert done.status_code == 200
    assert "Limone" not in done.text


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([], "No file was given."),
        ([("", b"")], "No file was given."),
        ([("pass.cer", b"")], "pass.cer is empty."),
        ([("pass.cer", b"\x00\xff" * 5000)], "pass.cer is not a certificate, a key or a .p12 file."),
        ([("<script>alert(1)</script>.cer", b"x")], "script&gt;.cer is not a certificate"),
        ([("a.mobileprovision", b"0\x82<plist>AppIDName")], "is a provisioning profile"),
        ([(f"{n}", b"x") for n in range(30)], "These are 30 files"),
    ],
)
def test_garbage_is_answered_with_a_sentence_and_changes_nothing(owner, folder, files, words):
    before = look(folder)
    answer = upload(owner, *files)
    assert answer.status_code == 422
    assert words in answer.text
    assert "Nothing was changed." in answer.text
    assert "<script>alert" not in answer.text
    assert look(folder) == before


def test_a_wrong_password_and_a_missing_one_are_told_as_often_as_they_are_tried(owner, folder, issued):
    before = look(folder)
    for password in ("Arancia", "x" * 5_000, "Лимон 7", "Limone 7 "):
        answer = upload(owner, ("Luna.p12", p12(issued)), password=password)
        assert answer.status_code == 422
        assert "The password does not open Luna.p12" in answer.text
        assert password not in answer.text
    assert "is protected by a password" in upload(owner, ("Luna.p12", p12(issued))).text
    assert "holds a character that no keyboard writes" in upload(owner, ("Luna.p12", p12(issued)), password="Limone 7\x00").text
    assert look(folder) == before


def test_ten_megabytes_are_refused_in_a_sentence(owner, folder):
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="pass.cer"\r\n\r\n'
    answer = owner.post(PAGE, data=head + bytes(10_000_000) + b"\r\n--b--\r\n", content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 413
    assert "far larger than a certificate" in answer.text


def test_a_forged_form_installs_nothing(folder, luna, issued):
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = True
    browser, before = signed_in(app, luna, "Dmitro"), look(folder)
    assert upload(browser, ("Luna.p12", p12(issued)), password="Limone 7").status_code == 400
    assert look(folder) == before
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(PAGE).text).group(1)
    assert upload(browser, ("Luna.p12", p12(issued)), password="Limone 7", csrf_token=token).status_code == 200


def test_a_folder_that_cannot_be_written_is_said_on_the_page(owner, folder, issued, monkeypatch):
    def read_only(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(guardian.requesting.disk.os, "fsync", read_only)
    answer = upload(owner, ("Luna.p12", p12(issued)), password="Limone 7")
    assert answer.status_code == 503
    assert "cannot be written: Read-only file system" in answer.text


def test_a_waiting_key_that_others_can_read_is_a_sentence_on_the_page(owner, folder, key_made):
    owner.post(PAGE, data={"action": "request"})
    (folder / "pass.key.new").chmod(0o644)
    page = owner.get(PAGE)
    assert (page.status_code, "can be read by others" in page.text) == (200, True)
    assert owner.post(PAGE, data={"action": "request"}).status_code == 422


# --- health and metrics ---------------------------------------------------------------------------


def test_health_tells_the_days_that_are_left(app, folder):
    said = app.test_client().get("/health").json
    assert (said["status"], said["warnings"]) == ("ok", [])
    assert said["certificates"] == {"luna": {"days_left": 395, "stage": "ok"}}
    with time_machine.travel(datetime.now(UTC) + timedelta(days=367), tick=False):
        said = app.test_client().get("/health").json
    assert (said["status"], said["certificates"]["luna"]) == ("ok", {"days_left": 28, "stage": "30"})
    assert "in 28 days" in said["warnings"][0]
    (folder / "pass.pem").write_bytes(b"x")
    said = app.test_client().get("/health").json
    assert (said["status"], said["certificates"]["luna"]) == ("ok", {"days_left": None, "stage": "broken"})


def test_metrics_are_for_prometheus(app, folder):
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    found = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert 395 * 86_400 < float(found['walletpass_certificate_expiry_seconds{program="luna"}']) < 396 * 86_400
    assert float(found["walletpass_outbox_waiting"]) == 0
    assert any(re.fullmatch(r'walletpass_build_info\{version="[0-9.]+"\}', name) for name in found)


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 403),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 403),
        ("192.0.2.7", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("192.0.2.7", {"Authorization": "Bearer "}, 403),
        ("192.0.2.7", {"Authorization": f"Bearer {TOKEN}x"}, 403),
        ("192.0.2.7", {"Authorization": f"Basic {TOKEN}"}, 403),
        ("192.0.2.7", {"Authorization": "Bearer \xff"}, 403),
    ],
)
def test_metrics_are_for_this_machine_or_for_the_token(app, folder, address, headers, status):
    assert app.test_client().get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": address}).status_code == status


def test_without_a_token_no_bearer_opens_the_metrics(client):
    for said in ("Bearer", "Bearer ", "Bearer x"):
        assert client.get("/metrics", headers={"Authorization": said}, environ_overrides={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403


def test_metrics_of_a_public_name_are_not_local(settings_for, sqlite, luna):
    settings_for(sqlite.database_url, base_url="https://cards.example.com")
    answer = make_app().test_client().get("/metrics", headers={"Host": "cards.example.com"})
    assert answer.status_code == 403


# --- a certificate that expires while the restaurant is open --------------------------------------


def outbox():
    with database.reading() as session:
        return [(row.state, row.version) for row in session.exec(select(Outbox).where(Outbox.channel == "apple"))]


def test_scans_and_points_go_on_when_the_certificate_has_expired(app, luna, folder, bearer, issued):
    browser = app.test_client()
    with database.transaction() as session:
        mine = cards.get(session, "luna", luna.ana.id)
        serial, token = mine.serial_number, cards.authentication_token(mine)
    fetch = {"path": f"/apple/v1/passes/pass.example.luna/{serial}", "headers": {"Authorization": f"ApplePass {token}"}}
    register = f"/apple/v1/devices/phone/registrations/pass.example.luna/{serial}"
    with time_machine.travel(datetime.now(UTC) + timedelta(days=397), tick=False) as clock:
        issue = browser.get(f"/c/luna/{luna.ana.link}/card.pkpass")
        update = browser.get(**fetch)
        assert (issue.status_code, update.status_code) == (503, 503)
        assert "expired on" in update.json["error"]["message"]
        assert browser.post(register, json={"pushToken": "a1"}, headers=fetch["headers"]).status_code == 201
        found = browser.post("/api/v1/guests/by-code", json={"code": luna.ana.number}, headers=bearer)
        assert found.status_code == 200
        earned = browser.post(
            "/api/v1/earn",
            json={"card": luna.ana.number, "check_id": "T1-1", "amount": 8450},
            headers={**bearer, "Idempotency-Key": "k1"},
        )
        assert earned.status_code == 200
        assert [state for state, _ in outbox()] == ["pending"]
        clock.shift(timedelta(minutes=30))
        assert browser.get("/health").json["certificates"]["luna"]["stage"] == "expired"
        owner = signed_in(app, luna, "Dmitro")
        assert upload(owner, ("Luna.p12", p12(issued)), password="Limone 7").status_code == 200
        assert browser.get(**fetch).status_code == 200
        assert browser.get(f"/c/luna/{luna.ana.link}/card.pkpass").status_code == 200
        assert [state for state, _ in outbox()] == ["pending"]
