"""The credentials, judged by openssl."""

from __future__ import annotations

import json
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from walletpass.sandbox import chain

if TYPE_CHECKING:
    from tests.sandbox.conftest import Credentials


def openssl(*arguments: object) -> str:
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def test_openssl_verifies_a_pass_certificate_up_to_the_sandbox_root(credentials: Credentials) -> None:
    luna = credentials.certs / "luna"
    assert "OK" in openssl("verify", "-CAfile", credentials.directory / "root.pem", "-untrusted", luna / "wwdr.pem", luna / "pass.pem")


def test_openssl_verifies_the_apns_server_by_name_and_address(credentials: Credentials) -> None:
    server = credentials.directory / "apns-server.pem"
    for check in (("-verify_hostname", "localhost"), ("-verify_ip", "127.0.0.1")):
        assert "OK" in openssl("verify", "-CAfile", credentials.certs / "apns-ca.pem", "-purpose", "sslserver", *check, server)


def test_a_pass_certificate_carries_the_identifiers_where_apple_puts_them(credentials: Credentials) -> None:
    text = openssl("x509", "-in", credentials.certs / "luna" / "pass.pem", "-noout", "-subject", "-issuer", "-ext", "extendedKeyUsage")
    assert "UID = pass.example.luna, CN = Pass Type ID: pass.example.luna, OU = LUNA000001, O = Trattoria Luna, C = US" in text
    assert "OU = G4, O = walletpass sandbox" in text
    assert "TLS Web Client Authentication" in text
    certificate = x509.load_pem_x509_certificate((credentials.certs / "luna" / "pass.pem").read_bytes())
    marker = certificate.extensions.get_extension_for_oid(chain.PASS_TYPE_MARKER).value
    assert isinstance(marker, x509.UnrecognizedExtension)
    assert marker.value == b"\x0c\x11pass.example.luna"
    assert 390 < (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days < 400


def test_each_program_has_a_certificate_and_key_of_its_own(credentials: Credentials) -> None:
    keys = {(credentials.certs / program / "pass.key").read_bytes() for program in ("luna", "sova")}
    assert len(keys) == 2


def test_keys_are_readable_by_their_owner_only(credentials: Credentials) -> None:
    secrets = [*credentials.certs.rglob("*.key"), *credentials.directory.rglob("*.key"), credentials.certs / "google.json"]
    assert len(secrets) >= 6
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}


def test_the_google_account_is_a_service_account_file_and_the_sandbox_knows_the_public_half_only(credentials: Credentials) -> None:
    account = json.loads((credentials.certs / "google.json").read_text())
    assert account["type"] == "service_account"
    assert account["token_uri"] == "http://127.0.0.1:1/google/token"
    known = json.loads((credentials.directory / "google-users.json").read_text())
    assert known[account["client_email"]]["issuers"] == ["3388000000000000001"]
    assert "PRIVATE" not in (credentials.directory / "google-users.json").read_text()


def test_preparing_again_keeps_what_is_valid_and_renewing_changes_the_key_but_not_the_identifiers(tmp_path: Path) -> None:
    program = chain.PassType("luna", "pass.example.luna", "LUNA000001", "Trattoria Luna")
    chain.prepare(tmp_path / "certs", tmp_path / "box", [program])
    first = (tmp_path / "certs/luna/pass.pem").read_bytes()
    chain.prepare(tmp_path / "certs", tmp_path / "box", [program], token_uri="http://127.0.0.1:2/google/token")
    assert (tmp_path / "certs/luna/pass.pem").read_bytes() == first
    assert json.loads((tmp_path / "certs/google.json").read_text())["token_uri"] == "http://127.0.0.1:2/google/token"
    chain.prepare(tmp_path / "certs", tmp_path / "box", [program], renew=True)
    again = x509.load_pem_x509_certificate((tmp_path / "certs/luna/pass.pem").read_bytes())
    assert again.subject == x509.load_pem_x509_certificate(first).subject
    assert again.public_key() != x509.load_pem_x509_certificate(first).public_key()
