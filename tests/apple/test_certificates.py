import os
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec

from walletpass.apple import certificates
from walletpass.errors import CertificateError

pytestmark = pytest.mark.filterwarnings("error")


def refused(luna):
    with pytest.raises(CertificateError) as caught:
        certificates.identity(luna)
    return caught.value.message


def test_a_good_folder_gives_an_identity(certs, luna, chain):
    identity = certificates.identity(luna)
    assert identity.leaf == chain.leaf
    assert identity.not_after == chain.leaf.not_valid_after_utc
    assert "PRIVATE" not in repr(identity)


@pytest.mark.parametrize("name", ["pass.pem", "pass.key", "wwdr.pem"])
def test_a_missing_file_is_named(certs, luna, name):
    (certs / name).unlink()
    assert refused(luna).startswith(f"luna/{name} is missing.")


@pytest.mark.parametrize("name", ["pass.pem", "wwdr.pem"])
def test_apples_cer_is_told_from_a_pem(certs, luna, name):
    (certs / name).write_bytes(b"\x30\x82\x05\x00")
    assert "openssl x509 -inform der" in refused(luna)


def test_a_damaged_key_is_refused(certs, luna):
    (certs / "pass.key").write_bytes(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    assert "not a private key" in refused(luna)


def test_a_key_with_a_password_is_refused(certs, luna, chain):
    from cryptography.hazmat.primitives import serialization as s

    locked = chain.key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.BestAvailableEncryption(b"secret"))
    (certs / "pass.key").write_bytes(locked)
    assert "password" in refused(luna)


def test_a_key_of_another_kind_is_refused(certs, luna, chain):
    (certs / "pass.key").write_bytes(chain.pem(ec.generate_private_key(ec.SECP256R1())))
    assert "RSA" in refused(luna)


def test_the_key_must_be_the_certificates(certs, luna, chain):
    (certs / "pass.key").write_bytes(chain.pem(chain.stranger))
    assert refused(luna).startswith("luna/pass.key is not the key of pass.pem")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_open_to_others_is_refused(certs, luna, mode):
    (certs / "pass.key").chmod(mode)
    assert "chmod 600 pass.key" in refused(luna)


def test_a_key_of_another_user_is_refused(certs, luna, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: (certs / "pass.key").stat().st_uid + 1)
    assert "another user" in refused(luna)


@pytest.mark.parametrize(
    ("subject", "words"),
    [({"pass_type": "pass.example.sova"}, "pass.example.sova (UID)"), ({"team": "SOVA000001"}, "SOVA000001 (OU)")],
)
def test_a_certificate_of_another_pass_type_or_team_is_refused(certs, luna, chain, subject, words):
    (certs / "pass.pem").write_bytes(chain.pem(chain.wwdr.leaf(chain.subject(**subject), chain.key)))
    assert words in refused(luna)


def test_an_expired_certificate_is_refused_with_its_date(certs, luna, chain):
    old = chain.wwdr.leaf(chain.subject(), chain.key, start=datetime(2020, 1, 1, tzinfo=UTC), lasts=timedelta(days=30))
    (certs / "pass.pem").write_bytes(chain.pem(old))
    assert "expired on 2020-01-31" in refused(luna)


def test_a_certificate_of_tomorrow_is_refused(certs, luna, chain):
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    (certs / "pass.pem").write_bytes(chain.pem(chain.wwdr.leaf(chain.subject(), chain.key, start=start)))
    assert "not valid before" in refused(luna)


def test_an_expired_intermediate_is_refused(certs, luna, chain):
    old = chain.authority("Old", "G1", chain.root, lasts=timedelta(hours=1))
    (certs / "pass.pem").write_bytes(chain.pem(old.leaf(chain.subject(), chain.key)))
    (certs / "wwdr.pem").write_bytes(chain.pem(old.certificate))
    assert refused(luna).startswith("luna/wwdr.pem expired on")


def test_an_intermediate_of_another_name_is_refused(certs, luna, chain):
    (certs / "wwdr.pem").write_bytes(chain.pem(chain.root.certificate))
    assert "wwdr.pem is not the issuer of pass.pem" in refused(luna)


def test_an_intermediate_of_the_right_name_and_the_wrong_key_is_refused(certs, luna, chain):
    (certs / "wwdr.pem").write_bytes(chain.pem(chain.impostor.certificate))
    assert "another key" in refused(luna)


def test_a_leaf_that_its_issuer_did_not_sign_is_refused(certs, luna, chain, monkeypatch):
    # The forger writes the right issuer and the right key identifier, but cannot sign.
    (certs / "wwdr.pem").write_bytes(chain.pem(chain.impostor.certificate))
    monkeypatch.setattr(certificates, "_authority_key", lambda certificate: None)
    assert "was not signed by wwdr.pem" in refused(luna)


def test_an_identity_is_parsed_once_and_again_after_a_renewal(certs, luna, chain):
    first = certificates.identity(luna)
    assert certificates.identity(luna) is first
    (certs / "pass.pem").write_bytes(chain.pem(chain.wwdr.leaf(chain.subject(), chain.stranger)))
    (certs / "pass.key").write_bytes(chain.pem(chain.stranger))
    second = certificates.identity(luna)
    assert second.fingerprint != first.fingerprint


def test_a_renewal_for_another_pass_type_is_refused(certs, luna, chain):
    certificates.identity(luna)
    (certs / "pass.pem").write_bytes(chain.pem(chain.wwdr.leaf(chain.subject(pass_type="pass.example.other"), chain.key)))
    assert "pass.example.other" in refused(luna)


def test_a_loaded_identity_expires_while_the_server_runs(certs, luna, chain):
    identity = certificates.identity(luna)
    with time_machine.travel(identity.not_after + timedelta(seconds=1), tick=False):
        assert "Renew" in refused(luna)
