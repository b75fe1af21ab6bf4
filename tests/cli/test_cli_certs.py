"""The operator at a shell: a request, what came back, and how long it lasts."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from walletpass.apple.guardian import requesting
from walletpass.sandbox import chain

KIND = chain.PassType("luna", "pass.example.luna", "LUNA000001", "Luna")
DER = serialization.Encoding.DER


@pytest.fixture(scope="session")
def issued(certs):
    """What Apple sent last: another key, and the certificate for it."""
    return chain.pass_certificate(chain.load(certs.parent / "outside", "wwdr"), KIND)


@pytest.fixture
def cer(issued, tmp_path):
    path = tmp_path / "pass.cer"
    path.write_bytes(issued.certificate.public_bytes(DER))
    return path


@pytest.fixture
def key_made(issued, monkeypatch):
    monkeypatch.setattr(requesting, "new_key", lambda: issued.key)


def message(result):
    assert result.exit_code == 1
    return getattr(result.exception, "message", "")


def test_a_request_shows_the_file_and_the_four_steps(run, opened, luna, own_certs, key_made):
    first = run("certs", "request", "luna")
    assert first.exit_code == 0
    assert first.output.startswith(f"A key and a signing request were made: {own_certs / 'luna' / 'pass.csr'}\n")
    for number in "1234":
        assert f"\n  {number}. " in first.output
    assert "pass.example.luna" in first.output
    assert "walletpass certs import luna pass.cer" in first.output
    second = run("certs", "request", "luna")
    assert second.output.startswith("A signing request waits since ")
    assert run("certs", "request", "luna", "--again").output.startswith("A key and a signing request were made")


def test_from_the_request_to_the_certificate_in_use(run, opened, luna, own_certs, key_made, issued, cer):
    run("certs", "request", "luna")
    done = run("certs", "import", "luna", str(cer))
    assert done.output == f"The certificate for pass.example.luna is in use, until {issued.certificate.not_valid_after_utc:%Y-%m-%d}.\n"
    assert x509.load_pem_x509_certificate((own_certs / "luna" / "pass.pem").read_bytes()) == issued.certificate
    assert "was in use already" in run("certs", "import", "luna", str(cer)).output
    assert run("certs", "check").exit_code == 0
    assert run("doctor").output == "Everything is sound.\n"


def test_a_key_that_lies_open_beside_it_is_pointed_out(run, opened, luna, issued, cer, tmp_path):
    key = tmp_path / "mine.key"
    key.write_bytes(chain._key_pem(issued.key))
    key.chmod(0o644)
    done = run("certs", "import", "luna", str(key), str(cer))
    assert f"{key} holds a private key and can be read by others." in done.output


def test_what_is_refused_is_said_and_changes_nothing(run, opened, luna, own_certs, cer, tmp_path):
    before = (own_certs / "luna" / "pass.pem").read_bytes()
    assert "was made for another private key" in message(run("certs", "import", "luna", str(cer)))
    assert "cannot be read: No such file" in message(run("certs", "import", "luna", str(tmp_path / "nothing")))
    assert "cannot be read: Is a directory" in message(run("certs", "import", "luna", str(tmp_path)))
    assert "larger than any certificate" in message(run("certs", "import", "luna", "/dev/zero"))
    assert (own_certs / "luna" / "pass.pem").read_bytes() == before
    assert run("certs", "import", "luna").exit_code == 2
    assert message(run("certs", "import", "nobody", str(cer)))
    assert message(run("certs", "request", "nobody"))


def test_a_password_is_asked_for_when_none_follows(run, opened, luna, issued, tmp_path, environ):
    from click.testing import CliRunner

    from walletpass.cli import cli

    path = tmp_path / "Luna.p12"
    algorithm = serialization.BestAvailableEncryption(b"Limone 7")
    path.write_bytes(serialization.pkcs12.serialize_key_and_certificates(None, issued.key, issued.certificate, None, algorithm))
    assert "is protected by a password" in message(run("certs", "import", "luna", str(path)))
    assert "does not open Luna.p12" in message(run("certs", "import", "luna", str(path), "--password", "Arancia"))
    asked = CliRunner().invoke(cli, ["certs", "import", "luna", str(path), "--password"], input="Limone 7\n", env=environ)
    assert asked.exit_code == 0, asked.output
    assert "Limone" not in asked.output


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "pass.key").chmod(0o644), "luna/pass.key can be read by others."),
        (lambda folder: (folder / "wwdr.pem").unlink(), "luna/wwdr.pem is missing."),
        (lambda folder: (folder / "pass.key.new").write_bytes(b"x"), "luna/pass.key.new "),
        (lambda folder: (folder / "pass.key.1.bak").write_bytes(b"x"), "luna/pass.key.1.bak, an old key, can be read by others."),
        (lambda folder: [path.unlink() for path in folder.iterdir()], "Trattoria Luna has no certificate yet. Begin with: walletpass certs request luna"),
    ],
    ids=["open", "missing", "waiting", "old", "none"],
)  # fmt: skip
def test_a_check_names_what_is_wrong(run, opened, luna, own_certs, spoil, words):
    assert run("certs", "check", "luna").output == "Everything is sound.\n"
    spoil(own_certs / "luna")
    done = run("certs", "check", "luna")
    assert done.exit_code == 1
    assert words in done.output
    assert done.output.endswith("1 to mend.\n")


def test_a_check_of_everything_passes_over_a_restaurant_without_apple(run, opened, luna, own_certs):
    run("programs", "add", "mare", "--name", "Mare", "--pass-type", "pass.mare", "--team", "MARE000001")
    done = run("certs", "check")
    assert (done.exit_code, done.output) == (
        0,
        "- Mare (mare) has no certificate: no cards for Apple Wallet.\nNothing is broken, 1 to look at.\n",
    )


def test_a_check_without_any_certificate_says_that_there_is_nothing_to_check(run, opened, luna, own_certs, key_made):
    for path in (own_certs / "luna").iterdir():
        path.unlink()
    done = run("certs", "check")
    assert done.exit_code == 0
    assert done.output.startswith("- Trattoria Luna (luna) has no certificate: no cards for Apple Wallet.\nNothing to check yet:")
    assert "sound" not in done.output
    run("certs", "request", "luna")
    assert "A request waits since " in run("certs", "check").output


def test_the_doctor_says_that_a_request_waits(run, opened, luna, own_certs, key_made):
    run("certs", "request", "luna")
    done = run("doctor")
    assert done.exit_code == 0
    assert "Trattoria Luna (luna): a certificate request waits since " in done.output
    assert "walletpass certs import luna pass.cer" in done.output
    assert done.output.endswith("Nothing is broken, 1 to look at.\n")


def test_a_table_shows_how_long_each_lasts(run, opened, luna, own_certs):
    run("programs", "add", "mare", "--name", "Mare", "--pass-type", "pass.mare", "--team", "MARE000001")
    rows = [line.split("│") for line in run("certs", "status").output.splitlines() if "│" in line]
    found = {cells[1].strip(): [cell.strip() for cell in cells[2:-1]] for cells in rows}
    assert found["luna"][1:] == ["395", "RSA 2048", "G4", "no"]
    assert found["mare"] == ["-", "none", "-", "-", "-"]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=500), tick=False):
        assert "expired" in run("certs", "status").output
        done = run("certs", "check")
        assert done.exit_code == 1
        assert "expired on" in done.output


def test_warnings_for_cron_are_printed_and_a_mail_that_fails_is_an_error(run, opened, luna, own_certs):
    quiet = run("certs", "warn")
    assert (quiet.exit_code, quiet.output) == (0, "No mail: WALLETPASS_SMTP_URL is not set.\n")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=390), tick=False):
        assert "the Apple certificate ends on" in run("certs", "warn").output
        failed = run("certs", "warn", WALLETPASS_SMTP_URL="smtp://127.0.0.1:9", WALLETPASS_ALERT_TO="dmitro@example.com")
    assert failed.exit_code == 1
    assert "luna: the mail did not leave: " in failed.output
