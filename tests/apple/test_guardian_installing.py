"""A request that waits, a certificate that comes, and three files that change together or not at all."""

import functools
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyasn1.codec.der.decoder import decode
from pyasn1_modules import rfc5652
from sqlmodel import select
from structlog.testing import capture_logs

from walletpass import cards, config, database
from walletpass.apple import AppleChannel, Registration, certificates, guardian, registrations
from walletpass.apple.guardian import Offer, disk, installing, reading, requesting
from walletpass.delivery import Outbox, Worker
from walletpass.errors import CertificateError, Malformed, Unavailable

DER = serialization.Encoding.DER
NAMES = ("pass.pem", "pass.key", "wwdr.pem")


@pytest.fixture
def made_key(chain, monkeypatch):
    """The next key that is made here; making one is slow."""
    monkeypatch.setattr(requesting, "new_key", lambda: chain.stranger)
    return chain.stranger


@pytest.fixture
def renewed(chain):
    return chain.wwdr.leaf(chain.subject(), chain.stranger)


@pytest.fixture
def files(chain, renewed):
    """What comes back when the key was made elsewhere."""
    return [Offer("pass.cer", renewed.public_bytes(DER)), Offer("pass.key", chain.pem(chain.stranger))]


def mode(path):
    return path.stat().st_mode & 0o777


def held(folder):
    return [(folder / name).read_bytes() for name in NAMES]


# --- the request ----------------------------------------------------------------------------------


def test_a_request_is_made_for_a_new_key_and_the_key_in_use_is_not_touched(certs, luna, made_key):
    before = held(certs)
    made = guardian.request(luna)
    csr = x509.load_pem_x509_csr(made.request_pem)
    assert csr.is_signature_valid
    assert csr.public_key() == made_key.public_key()
    assert (made.fresh, made.request_path.read_bytes(), mode(made.key_path)) == (True, made.request_pem, 0o600)
    assert (made.request_path, made.key_path) == (certs / "pass.csr", certs / "pass.key.new")
    assert held(certs) == before


def test_the_key_that_is_made_is_what_apple_takes():
    assert requesting.new_key().key_size == 2048


def test_a_second_request_is_the_first_one(certs, luna, made_key, chain, monkeypatch):
    first = guardian.request(luna)
    monkeypatch.setattr(requesting, "new_key", lambda: chain.key)
    second = guardian.request(luna)
    assert (second.request_pem, second.fresh) == (first.request_pem, False)
    assert guardian.pending(luna).request_pem == first.request_pem


def test_a_request_made_again_has_another_key_and_the_first_ones_answer_still_counts(settings, luna, chain, monkeypatch, tmp_path):
    folder = tmp_path / "certs" / "luna"
    monkeypatch.setattr(requesting, "new_key", lambda: chain.stranger)
    guardian.request(luna)
    monkeypatch.setattr(requesting, "new_key", lambda: chain.wwdr.key)
    assert guardian.request(luna, again=True).fresh
    assert [mode(path) for path in folder.glob("pass.key.new.*.bak")] == [0o600]
    leaf = chain.wwdr.leaf(chain.subject(), chain.stranger)
    guardian.install(luna, [Offer("a", leaf.public_bytes(DER)), Offer("b", chain.pem(chain.wwdr.certificate))])
    assert certificates.identity(luna).leaf == leaf
    assert guardian.pending(luna) is not None


def test_a_request_alone_is_no_certificate(settings, luna, made_key):
    assert not certificates.available(luna)
    guardian.request(luna)
    assert not certificates.available(luna)
    assert guardian.state(luna) is None


def test_a_key_without_its_request_gets_it_back(certs, luna, made_key):
    made = guardian.request(luna)
    made.request_path.write_text("damaged")
    assert guardian.pending(luna) is None
    assert x509.load_pem_x509_csr(guardian.request(luna).request_pem).public_key() == made_key.public_key()


def test_a_waiting_key_that_is_open_or_damaged_is_refused(certs, luna, made_key):
    path = guardian.request(luna).key_path
    path.chmod(0o640)
    with pytest.raises(CertificateError, match=r"luna/pass.key.new can be read by others. Run: chmod 600 pass.key.new"):
        guardian.request(luna)
    path.chmod(0o600)
    path.write_text("damaged")
    with pytest.raises(CertificateError, match="walletpass certs request luna --again"):
        guardian.request(luna)
    assert guardian.request(luna, again=True).fresh


def test_the_answer_to_the_request_ends_its_waiting(certs, luna, made_key, renewed):
    guardian.request(luna)
    assert guardian.install(luna, [Offer("pass.cer", renewed.public_bytes(DER))]).changed
    assert certificates.identity(luna).leaf == renewed
    assert guardian.pending(luna) is None
    assert not (certs / "pass.key.new").exists()
    assert not (certs / "pass.csr").exists()


def test_a_key_that_is_in_use_already_does_not_wait(certs, luna, made_key, files, chain, monkeypatch):
    """As after a kill between the installation and the tidying up."""
    made = guardian.request(luna)
    key, csr = made.key_path.read_bytes(), made.request_pem
    guardian.install(luna, files)
    disk.write(certs / "pass.key.new", key)
    disk.write(certs / "pass.csr", csr)
    assert guardian.pending(luna) is None
    monkeypatch.setattr(requesting, "new_key", lambda: chain.wwdr.key)
    assert guardian.request(luna).fresh


# --- the installation -----------------------------------------------------------------------------


def test_everything_is_in_place_and_what_was_in_use_is_kept(certs, luna, chain, files, renewed):
    before = held(certs)
    with time_machine.travel(datetime.now(UTC).replace(microsecond=0), tick=False) as clock:
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        guardian.install(luna, files)
        clock.shift(5)
    assert [(certs / f"{name}.{stamp}.bak").read_bytes() for name in NAMES] == before
    assert {mode(path) for path in certs.glob("*.bak")} == {0o600}
    assert mode(certs / "pass.key") == 0o600
    assert held(certs)[0] == chain.pem(renewed)
    assert len(list(certs.glob(".set-*"))) == 1


def test_the_first_certificate_of_a_program_makes_its_folder(settings, luna, chain, files, tmp_path):
    guardian.install(luna, [*files, Offer("wwdr", chain.pem(chain.wwdr.certificate))])
    assert certificates.available(luna)
    assert certificates.identity(luna)
    assert mode(tmp_path / "certs" / "luna") == 0o700
    assert not list((tmp_path / "certs" / "luna").glob("*.bak"))


def test_what_is_in_use_already_changes_nothing(certs, luna, files):
    guardian.install(luna, files)
    before = {path.name: path.lstat().st_mtime_ns for path in certs.iterdir()}
    done = guardian.install(luna, files)
    assert not done.changed
    assert {path.name: path.lstat().st_mtime_ns for path in certs.iterdir()} == before


def test_three_renewals_in_a_row_keep_three_backups_of_each(certs, luna, chain, files, renewed):
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for key in (chain.stranger, chain.key, chain.stranger):
            leaf = chain.wwdr.leaf(chain.subject(), key)
            guardian.install(luna, [Offer("a", leaf.public_bytes(DER)), Offer("b", chain.pem(key))])
            assert certificates.identity(luna).leaf == leaf
            clock.shift(60)
    assert len(list(certs.glob("pass.key.*.bak"))) == 3


def test_files_put_there_by_hand_afterwards_are_taken_up(certs, luna, chain, files):
    guardian.install(luna, files)
    (certs / "by-hand.pem").write_bytes(chain.pem(chain.leaf))
    (certs / "by-hand.key").touch(0o600)
    (certs / "by-hand.key").write_bytes(chain.pem(chain.key))
    (certs / "by-hand.pem").replace(certs / "pass.pem")
    (certs / "by-hand.key").replace(certs / "pass.key")
    assert certificates.identity(luna).leaf == chain.leaf
    guardian.install(luna, files)
    assert certificates.identity(luna).leaf != chain.leaf
    assert any(path.read_bytes() == chain.pem(chain.leaf) for path in certs.glob("pass.pem.*.bak"))


def test_a_broken_folder_is_mended_by_bringing_the_same_certificate(certs, luna, chain):
    (certs / "pass.key").write_bytes(b"damaged")
    (certs / "wwdr.pem").unlink()
    parts = [chain.pem(chain.leaf), chain.pem(chain.key), chain.pem(chain.wwdr.certificate)]
    assert guardian.install(luna, [Offer(str(number), part) for number, part in enumerate(parts)]).changed
    assert certificates.identity(luna).leaf == chain.leaf


def test_a_set_that_would_not_sign_is_not_put_in_place(certs, luna, files, monkeypatch):
    def refuse(*_):
        raise CertificateError("the rehearsal failed")

    monkeypatch.setattr(installing.signing, "sign", refuse)
    before = held(certs)
    with pytest.raises(Malformed, match="the rehearsal failed"):
        guardian.install(luna, files)
    assert held(certs) == before
    assert not list(certs.glob(".set-*"))


def test_a_folder_that_cannot_be_written_is_said_to_be_one(certs, luna, files, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    before = held(certs)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="The folder luna of the certificates cannot be written: No space left on device"):
        guardian.install(luna, files)
    assert held(certs) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_installs_belongs_to_whom_the_folder_belongs_to(certs, luna, files, made_key):
    for path in (certs, *certs.iterdir()):
        os.chown(path, 12345, 12345)
    guardian.request(luna)
    guardian.install(luna, files)
    assert {path.lstat().st_uid for path in certs.rglob("*") if not path.is_symlink()} == {12345}


@pytest.fixture
def quick_keys(monkeypatch):
    """OpenSSL checks a key each time it is read, which takes a while."""
    quick = functools.lru_cache(serialization.load_pem_private_key)
    monkeypatch.setattr(serialization, "load_pem_private_key", quick)
    monkeypatch.setattr(reading, "load_pem_private_key", quick)


class Killed(BaseException):
    pass


STEPS = ("open", "fsync", "link", "symlink", "replace", "unlink", "mkdir", "rename", "rmdir")


def die_at(monkeypatch, moment):
    """The ``moment``-th change of the disk is the first that does not happen any more, and none after it does."""
    left, fsync = [moment], os.fsync
    for name in STEPS:
        real = getattr(os, name)

        def step(*args, real=real, **more):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return None if real is fsync else real(*args, **more)

        monkeypatch.setattr(os, name, step)
    return left


@pytest.mark.parametrize("start", ["by hand", "installed before"])
def test_a_kill_at_any_moment_leaves_all_three_old_or_all_three_new(certs, luna, chain, files, tmp_path, quick_keys, start, renewed):
    if start == "installed before":
        middle = chain.wwdr.leaf(chain.subject(), chain.key)
        guardian.install(luna, [Offer("pass.cer", middle.public_bytes(DER))])
    old, new = held(certs), [chain.pem(renewed), chain.pem(chain.stranger), chain.pem(chain.wwdr.certificate)]
    shutil.copytree(certs, tmp_path / "before", symlinks=True)
    seen = []
    for moment in range(200):
        shutil.rmtree(certs)
        shutil.copytree(tmp_path / "before", certs, symlinks=True)
        with pytest.MonkeyPatch.context() as patch:
            die_at(patch, moment)
            try:
                guardian.install(luna, files)
                ended = True
            except Killed:
                ended = False
        now_held = held(certs)
        assert now_held in (old, new), moment
        seen.append(now_held == new)
        assert certificates.identity(luna)
        if moment % 5 == 0 or ended:  # and the next try succeeds
            guardian.install(luna, files)
            assert held(certs) == new
            assert len(list(certs.glob(".set-*"))) == 1
            assert not [path.name for path in certs.glob(".*") if path.name.startswith((".pass", ".wwdr", ".installed"))]
        if ended:
            break
    assert ended
    assert seen == sorted(seen)
    assert seen.count(False) > 15


def test_files_that_change_while_they_are_read_are_read_again(certs, luna, chain, files, monkeypatch):
    """Half of the old set and half of the new fit nowhere, and no guest should see that moment."""
    real, calls = certificates._certificate, []

    def renewed_in_between(folder, name):
        found = real(folder, name)
        if not calls:
            calls.append(name)
            guardian.install(luna, files)
        return found

    monkeypatch.setattr(certificates, "_certificate", renewed_in_between)
    monkeypatch.setattr(installing, "_in_use", lambda *_: False)
    assert certificates.identity(luna).leaf != chain.leaf


# --- guests notice nothing ------------------------------------------------------------------------


def test_after_a_renewal_the_running_server_signs_with_the_new_one_and_every_phone_stays(client, certs, luna, card, chain, files, renewed):
    with database.transaction() as session:
        registrations.register(session, cards.get(session, "luna", card.id), "phone", "a1")

    def rows():
        with database.reading() as session:
            mine = cards.get(session, "luna", card.id)
            kept = session.exec(select(Registration.device_id, Registration.card_id, Registration.registered_at)).all()
            return mine.version, mine.tag, mine.changed_at, list(kept), len(session.exec(select(Outbox)).all())

    path = f"/c/luna/{card.link}/card.pkpass"
    first, before = client.get(path), rows()
    with capture_logs() as logs:
        guardian.install(luna, files)
    second = client.get(path)
    assert (first.status_code, second.status_code) == (200, 200)
    assert signer(first.data) == chain.leaf.serial_number
    assert signer(second.data) == renewed.serial_number
    assert rows() == before
    assert [entry["event"] for entry in logs] == ["apple.certificate_installed"]
    assert "PRIVATE" not in str(logs)


def signer(package):
    info, _ = decode(ZipFile(BytesIO(package)).read("signature"), asn1Spec=rfc5652.ContentInfo())
    data, _ = decode(info["content"], asn1Spec=rfc5652.SignedData())
    return int(data["signerInfos"][0]["sid"]["issuerAndSerialNumber"]["serialNumber"])


def test_a_certificate_for_other_cards_is_refused_and_the_server_signs_on(client, certs, luna, card, chain):
    wrong = chain.wwdr.leaf(chain.subject(pass_type="pass.example.other"), chain.key)
    with pytest.raises(Malformed, match="stay that for ever"):
        guardian.install(luna, [Offer("pass.cer", wrong.public_bytes(DER))])
    assert signer(client.get(f"/c/luna/{card.link}/card.pkpass").data) == chain.leaf.serial_number


def test_changes_wait_out_an_expired_certificate_and_leave_with_the_next_one(certs, apns, settings, luna, card, show, chain):
    config.use(replace(settings, apns_url=apns.url, apns_ca_file=apns.ca_file))
    with database.transaction() as session:
        registrations.register(session, cards.get(session, "luna", card.id), "phone", "a1")
    channel = AppleChannel()
    worker = Worker([channel])
    try:
        longer = chain.wwdr.leaf(chain.subject(), chain.stranger, lasts=timedelta(days=800))
        with time_machine.travel(chain.leaf.not_valid_after_utc + timedelta(hours=1), tick=False) as clock:
            show(card, points=120)
            assert worker.round(channel)
            assert state_of(card) == ("pending", "luna/pass.pem or its issuer expired on")
            assert not apns.requests
            guardian.install(luna, [Offer("pass.cer", longer.public_bytes(DER)), Offer("pass.key", chain.pem(chain.stranger))])
            clock.shift(timedelta(minutes=20))
            assert worker.round(channel)
            assert state_of(card)[0] == "delivered"
        assert [push.token for push in apns.requests] == ["a1"]
    finally:
        channel.close()


def state_of(card):
    with database.reading() as session:
        row = session.exec(select(Outbox).where(Outbox.card_id == card.id, Outbox.channel == "apple")).one()
        return row.state, row.reason[:38]
