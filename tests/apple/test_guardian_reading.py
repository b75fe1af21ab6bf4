"""Whatever comes back from Apple is told by its content, and every mismatch has a sentence of its own."""

import base64
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, PrivateFormat, pkcs7, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from walletpass.apple import certificates, guardian
from walletpass.apple.guardian import Offer, reading
from walletpass.errors import Malformed

DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
APPLE = "Apple Worldwide Developer Relations Certification Authority"
LEGACY = PrivateFormat.PKCS12.encryption_builder().key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).hmac_hash(hashes.SHA1())  # noqa: S303 (macOS does)


@pytest.fixture
def empty(certs):
    """Luna's folder before any certificate came; the intermediate has to be brought."""
    for name in ("pass.pem", "pass.key", "wwdr.pem"):
        (certs / name).unlink()
    return certs


@pytest.fixture
def renewed(chain):
    """A certificate for the other key, as after a renewal."""
    return chain.wwdr.leaf(chain.subject(), chain.stranger)


@pytest.fixture
def bring(luna):
    def install(*files, password=""):
        offers = [Offer(*file) if isinstance(file, tuple) else Offer(f"file{number}", file) for number, file in enumerate(files)]
        return guardian.install(luna, offers, password)

    return install


@pytest.fixture
def refused(bring, certs):
    """The sentences; and that not one file has changed."""

    def tried(*files, password=""):
        before = look(certs)
        with pytest.raises(Malformed) as caught:
            bring(*files, password=password)
        assert look(certs) == before
        assert "PRIVATE" not in caught.value.message
        assert caught.value.message == "\n".join(caught.value.details["sentences"])
        return caught.value.message

    return tried


def look(folder):
    return {path.name: (path.lstat().st_ino, path.read_bytes()) for path in folder.iterdir() if path.is_file()}


def der(certificate):
    return certificate.public_bytes(DER)


def p12(chain, leaf=None, key=None, extra=(), algorithm=None):
    return pkcs12.serialize_key_and_certificates(b"Luna", key or chain.stranger, leaf, list(extra), algorithm or NoEncryption())


def locked(key):
    return key.private_bytes(PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"Limone 7"))


def tlv(tag, *parts):
    body = b"".join(parts)
    return bytes((tag, len(body))) + body


def other(chain, common_name, **more):
    return chain.wwdr.leaf(((NameOID.COMMON_NAME, common_name),), chain.stranger, **more)


# --- what is taken --------------------------------------------------------------------------------

MIXES = {
    "apple's .cer, the key and the intermediate as PEM": lambda c, leaf: (der(leaf), c.pem(c.stranger), c.pem(c.wwdr.certificate)),
    "the same the other way round": lambda c, leaf: (der(c.wwdr.certificate), c.pem(c.stranger), c.pem(leaf)),
    "all in one PEM bundle": lambda c, leaf: (c.pem(c.stranger) + c.pem(c.wwdr.certificate) + c.pem(leaf),),
    "a bundle with Windows' line ends and words between": lambda c, leaf: (
        b"Bag Attributes\r\n".join(part.replace(b"\n", b"\r\n") for part in (b"", c.pem(leaf), c.pem(c.stranger), c.pem(c.wwdr.certificate))),
    ),
    "a key in the older form of OpenSSL": lambda c, leaf: (
        der(leaf), c.stranger.private_bytes(PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()), der(c.wwdr.certificate),
    ),
    "a key as DER": lambda c, leaf: (der(leaf), c.stranger.private_bytes(DER, PrivateFormat.PKCS8, NoEncryption()), der(c.wwdr.certificate)),
    "a key with a password": lambda c, leaf: (locked(c.stranger), der(leaf), der(c.wwdr.certificate)),
    "a key as DER with a password": lambda c, leaf: (
        c.stranger.private_bytes(DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"Limone 7")), der(leaf), der(c.wwdr.certificate),
    ),
    "a modern .p12": lambda c, leaf: (p12(c, leaf, extra=[c.wwdr.certificate], algorithm=BestAvailableEncryption(b"Limone 7")),),
    "a .p12 with triple DES": lambda c, leaf: (p12(c, leaf, algorithm=LEGACY.build(b"Limone 7")), c.pem(c.wwdr.certificate)),
    "a .p12 without a password": lambda c, leaf: (p12(c, leaf, extra=[c.wwdr.certificate]),),
    "a bundle of certificates in PKCS 7": lambda c, leaf: (
        pkcs7.serialize_certificates([leaf, c.wwdr.certificate, c.root.certificate], DER), c.pem(c.stranger),
    ),
    "the same bundle in PEM": lambda c, leaf: (pkcs7.serialize_certificates([leaf, c.wwdr.certificate], PEM), c.pem(c.stranger)),
    "everything twice, and intermediates that do not fit": lambda c, leaf: (
        der(leaf), c.pem(leaf), c.pem(c.impostor.certificate), c.pem(c.root.certificate), c.pem(c.wwdr.certificate), c.pem(c.stranger),
    ),
}  # fmt: skip


@pytest.mark.parametrize("mix", MIXES.values(), ids=MIXES)
def test_files_are_told_by_their_content_in_any_order(bring, empty, luna, chain, renewed, mix):
    done = bring(*mix(chain, renewed), password="Limone 7")
    assert (done.changed, done.not_after) == (True, renewed.not_valid_after_utc)
    identity = certificates.identity(luna)
    assert (identity.leaf, identity.intermediate, identity.fingerprint) == (renewed, chain.wwdr.certificate, done.fingerprint)


@pytest.mark.parametrize("algorithms", [["-legacy"], ["-legacy", "-certpbe", "PBE-SHA1-RC2-40"], []], ids=["legacy", "RC2-40", "modern"])
def test_a_p12_of_openssl_and_of_the_macos_keychain_is_read(bring, empty, luna, chain, renewed, tmp_path, algorithms):
    for name, data in (("k", chain.pem(chain.stranger)), ("c", chain.pem(renewed)), ("w", chain.pem(chain.wwdr.certificate))):
        (tmp_path / name).write_bytes(data)
    command = [
        "openssl",
        "pkcs12",
        "-export",
        *algorithms,
        "-inkey",
        "k",
        "-in",
        "c",
        "-certfile",
        "w",
        "-out",
        "o.p12",
        "-passout",
        "pass:Limone 7",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this openssl cannot: {done.stderr.splitlines()[0]}")
    assert bring(("Luna.p12", (tmp_path / "o.p12").read_bytes()), password="Limone 7").changed
    assert certificates.identity(luna).leaf == renewed


def test_the_certificate_alone_finds_the_key_and_the_intermediate_that_lie_here(bring, certs, luna, chain):
    again = chain.wwdr.leaf(chain.subject(), chain.key)
    assert bring(("pass.cer", der(again))).changed
    assert certificates.identity(luna).leaf == again


def test_an_intermediate_of_another_program_or_beside_the_programs_is_known(bring, empty, luna, chain, renewed):
    (empty.parent / "AppleWWDRCAG4.cer").write_bytes(der(chain.wwdr.certificate))
    assert bring(der(renewed), chain.pem(chain.stranger)).changed
    assert certificates.identity(luna).intermediate == chain.wwdr.certificate


def test_of_two_intermediates_with_one_key_the_one_that_lasts_is_taken(bring, empty, luna, chain, renewed):
    again = chain.authority("x", "x", chain.root)
    again.name, again.key = chain.wwdr.name, chain.wwdr.key
    short = again._sign(again.name, again.key.public_key(), chain.root, True, None, timedelta(days=30))
    bring(der(renewed), chain.pem(chain.stranger), der(short), der(chain.wwdr.certificate))
    assert certificates.identity(luna).intermediate == chain.wwdr.certificate


def test_a_certificate_for_nfc_is_said_to_be_one(bring, certs, chain):
    subject = [(oid, value.replace("Type ID", "Type ID with NFC")) for oid, value in chain.subject()]
    assert bring(der(chain.wwdr.leaf(subject, chain.key))).nfc
    plain = bring(der(chain.wwdr.leaf(chain.subject(), chain.key)))
    assert not plain.nfc
    assert any("is for NFC, this one is not" in note for note in plain.notes)


def test_a_certificate_that_ends_before_the_one_in_use_is_taken_with_a_question(bring, certs, chain):
    done = bring(der(chain.wwdr.leaf(chain.subject(), chain.key, lasts=timedelta(days=90))))
    assert any("lasts longer" in note for note in done.notes)


def test_what_does_not_belong_there_is_left_out_with_a_note(bring, certs, chain, renewed):
    done = bring(
        der(renewed),
        chain.pem(chain.stranger),
        ("old.key", chain.pem(chain.key)),
        ("push.cer", der(other(chain, "Apple Push Services: x"))),
    )
    assert "The private key in old.key is of another certificate; it was left out." in done.notes
    assert any(note.startswith("push.cer also holds a certificate for the push notifications of an app") for note in done.notes)


# --- what is refused ------------------------------------------------------------------------------


def test_another_identifier_is_named(refused, chain):
    said = refused(("pass.cer", der(chain.wwdr.leaf(chain.subject(pass_type="pass.example.sova"), chain.key))))
    assert said == (
        "pass.cer is for pass.example.sova, but the cards of Trattoria Luna are pass.example.luna, and stay that for ever. "
        "Make the certificate for that identifier."
    )


def test_another_team_is_named(refused, chain):
    said = refused(("pass.cer", der(chain.wwdr.leaf(chain.subject(team="SOVA000001"), chain.key))))
    assert said.startswith("pass.cer belongs to team SOVA000001, but the cards of Trattoria Luna belong to team LUNA000001.")


def test_a_certificate_for_another_key_is_named(refused, chain):
    said = refused(("pass.cer", der(chain.wwdr.leaf(chain.subject(), chain.stranger))))
    assert said.startswith(
        "pass.cer was made for another private key than those at hand (pass.key). Give that key too, or the .p12 with both"
    )


def test_a_certificate_without_any_key_is_named(refused, empty, chain):
    said = refused(("pass.cer", der(chain.leaf)), der(chain.wwdr.certificate))
    assert said.startswith("The private key of pass.cer is missing.")


def test_an_expired_certificate_and_one_of_tomorrow_are_named(refused, chain):
    old = chain.wwdr.leaf(chain.subject(), chain.key, start=datetime(2020, 1, 1, tzinfo=UTC), lasts=timedelta(days=30))
    assert refused(("pass.cer", der(old))).startswith("pass.cer expired on 2020-01-31.")
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    assert f"is not valid before {start:%Y-%m-%d %H:%M} UTC." in refused(der(chain.wwdr.leaf(chain.subject(), chain.key, start=start)))


def test_every_fault_is_told_at_once(refused, chain):
    wrong = chain.impostor.leaf(
        chain.subject("pass.x", "TEAM"), chain.stranger, start=datetime(2020, 1, 1, tzinfo=UTC), lasts=timedelta(days=1)
    )
    assert len(refused(der(wrong)).splitlines()) == 5


@pytest.mark.parametrize(("unit", "called"), [("G3", "G3"), ("G6", "G6"), ("Apple Worldwide Developer Relations", "G1")])
def test_the_wrong_generation_of_the_intermediate_is_named(refused, empty, chain, unit, called):
    g4, given = chain.authority(APPLE, "G4", chain.root), chain.authority(APPLE, unit, chain.root)
    said = refused(("pass.cer", der(g4.leaf(chain.subject(), chain.key))), ("apple.cer", der(given.certificate)), chain.pem(chain.key))
    assert said == (
        f"pass.cer was issued by Apple's intermediate G4, which is not among the files: apple.cer ({called}). "
        "Get AppleWWDRCAG4.cer from apple.com/certificateauthority and give it together with the certificate."
    )


def test_an_intermediate_that_is_not_here_is_named(refused, empty, chain):
    assert "was issued by Apple's intermediate G4, which is not here. Get AppleWWDRCAG4.cer" in refused(
        der(chain.leaf), chain.pem(chain.key)
    )


def test_an_intermediate_of_the_right_name_and_another_key_is_named(refused, empty, chain):
    said = refused(("pass.cer", der(chain.leaf)), ("wwdr.cer", der(chain.impostor.certificate)), chain.pem(chain.key))
    assert said.startswith("wwdr.cer has the name of the issuer of pass.cer, but another key.")


def test_a_forged_signature_is_named(refused, empty, chain):
    twin = chain.authority("x", "x")
    forger = chain.authority("x", "x")
    forger.name = chain.wwdr.name
    twin.key = chain.wwdr.key
    builder = x509.CertificateBuilder(
        chain.wwdr.name, chain.leaf.subject, chain.key.public_key(), 5, chain.leaf.not_valid_before_utc, chain.leaf.not_valid_after_utc
    ).add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(chain.wwdr.key.public_key()), critical=False)
    forged = builder.sign(forger.key, hashes.SHA256())
    said = refused(("pass.cer", der(forged)), ("wwdr.cer", der(chain.wwdr.certificate)), chain.pem(chain.key))
    assert "its signature is not on the certificate" in said


def test_an_expired_intermediate_is_named(refused, chain):
    old = chain.authority(APPLE, "Apple Worldwide Developer Relations", chain.root, lasts=timedelta(hours=1))
    said = refused(der(old.leaf(chain.subject(), chain.key)), der(old.certificate))
    assert said.startswith("Apple's intermediate G1 expired on ")


OTHER = {
    "Apple Push Services: com.example.app": "for the push notifications of an app (APNs)",
    "Apple Production IOS Push Services: com.example.app": "for the push notifications of an app (APNs)",
    "Developer ID Application: Luna": "for programs outside the App Store (Developer ID)",
    "Apple Distribution: Luna": "for apps in the App Store (distribution)",
    "iPhone Developer: Dmitro": "for apps under development",
    "Merchant ID: merchant.example": "for payments with Apple Pay",
    "Order Type ID: order.example": "for orders in Wallet (Order Type ID)",
    "Something": "of another kind (Something)",
    "Zero\u200b\nwidth": "of another kind (Zerowidth)",
}


@pytest.mark.parametrize("common_name", OTHER)
def test_a_certificate_of_another_kind_is_named(refused, chain, common_name):
    said = refused(("some.cer", der(other(chain, common_name))))
    assert said == f"some.cer is a certificate {OTHER[common_name]}; a Pass Type ID certificate for pass.example.luna is needed."


def test_a_websites_certificate_and_one_that_signed_itself_are_named(refused, chain):
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    assert "is a certificate for a website (cards.example.com)" in refused(der(other(chain, "cards.example.com", extensions=(usage,))))
    own = chain.authority("Luna", "x")
    own.certificate = own._sign(own.name, own.key.public_key(), own, False, None, timedelta(days=9))
    assert "one that signed itself (Luna)" in refused(der(own.certificate))


def test_two_certificates_in_one_file_are_named(refused, chain, renewed):
    said = refused(("both.pem", chain.pem(chain.leaf) + chain.pem(renewed)))
    assert said.startswith("These are 2 pass certificates (both.pem: pass.example.luna, until ")
    assert said.endswith("Give only the one for pass.example.luna.")


def test_an_intermediate_alone_and_a_key_alone_are_named(refused, chain):
    assert refused(("AppleWWDRCAG4.cer", der(chain.wwdr.certificate))).startswith(
        "AppleWWDRCAG4.cer is Apple's intermediate G4, which issues"
    )
    assert refused(("pass.cer", chain.pem(chain.key))).startswith("pass.cer holds a private key and no certificate:")


def test_a_key_for_tokens_is_explained(refused, chain):
    key = ec.generate_private_key(ec.SECP256R1())
    said = refused(("AuthKey_5E5E5E5E5E.p8", chain.pem(key)))
    assert said.startswith(
        "AuthKey_5E5E5E5E5E.p8 is a key for tokens (.p8): it can send push notifications, but passes are signed only with"
    )


def test_a_short_key_is_refused(refused, empty, chain):
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505 (that is the test)
    said = refused(("pass.cer", der(chain.wwdr.leaf(chain.subject(), key))), chain.pem(key), der(chain.wwdr.certificate))
    assert said == "The key of pass.cer has 1024 bits; Apple takes RSA keys of 2048 bits."


def test_a_wrong_password_and_a_missing_one_are_named(refused, chain, renewed):
    for name, data in (("Luna.p12", p12(chain, renewed, algorithm=LEGACY.build(b"Limone 7"))), ("pass.key", locked(chain.key))):
        assert f"The password does not open {name}; or the file is damaged." in refused((name, data), password="Arancia")
        assert f"{name} is protected by a password. Give the password too" in refused((name, data))
    assert "The password does not open" in refused(
        ("Luna.p12", p12(chain, renewed, algorithm=LEGACY.build(b"x"))), password="y" * 5_000 + "\udc80"
    )


def test_a_waiting_key_or_one_in_use_that_others_can_read_is_named(refused, certs, chain):
    (certs / "pass.key").chmod(0o644)
    said = refused(der(chain.wwdr.leaf(chain.subject(), chain.key)))
    assert "luna/pass.key can be read by others. Run: chmod 600 pass.key" in said.splitlines()


NONSENSE = {
    "nothing": (b"", "is empty."),
    "blanks": (b" \r\n\t", "is empty."),
    "a web page": (b"\n<!DOCTYPE html><html>Sign in", "is a web page, not a certificate"),
    "a pass": (b"PK\x03\x04" + bytes(50), "is a zip archive or a pass"),
    "google's key": (b'{"type": "service_account", "private_key": "x"}', "is Google's service account key."),
    "a provisioning profile": (b"\x30\x82\x10\x00<?xml?><plist><key>AppIDName</key><key>ProvisionedDevices</key>", "is a provisioning profile"),
    "words": ("Привіт".encode(), "is not a certificate, a key or a .p12 file."),
    "zeros": (bytes(500), "is not a certificate, a key or a .p12 file."),
    "half a certificate": (b"\x30\x82\x05\x00\x30\x82", "or it is damaged or was cut off."),
    "half a PEM": (b"-----BEGIN CERTIFICATE-----\nMIIE", "does not end: it was cut off."),
    "a damaged PEM": (b"-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----", "holds a certificate that cannot be read"),
    "a damaged key": (b"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "holds a private key that cannot be read"),
    "an ssh key": (b"-----BEGIN OPENSSH PRIVATE KEY-----\nMIIE\n-----END OPENSSH PRIVATE KEY-----", "is an SSH key"),
    "another PEM": (b"-----BEGIN PGP MESSAGE-----\nMIIE\n-----END PGP MESSAGE-----", "holds a pgp message"),
    "a public key": (b"-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----", "is a public key."),
    "thousands of beginnings": (b"-----BEGIN CERTIFICATE-----\n" * 9_000, "holds far more certificates"),
    "too much": (b"\x30" * (guardian.LARGEST + 1), "is larger than any certificate (256 kB)."),
}  # fmt: skip


@pytest.mark.parametrize("kind", NONSENSE)
def test_what_is_no_certificate_is_told_in_a_sentence(refused, kind):
    data, words = NONSENSE[kind]
    said = refused(("C:\\Users\\Dmitro\\pass.cer", data))
    assert said.startswith("pass.cer ")
    assert words in said


def test_a_signing_request_is_told_from_its_answer(refused, luna, chain):
    made = x509.CertificateSigningRequestBuilder().subject_name(chain.leaf.subject).sign(chain.key, hashes.SHA256())
    for form in (DER, PEM):
        assert "is a signing request. Upload it in Apple's portal" in refused(made.public_bytes(form))


def test_no_file_and_too_many_files_are_refused(refused):
    assert refused().startswith("No file was given.")
    assert refused(*[b"x"] * 21).startswith("These are 21 files")


def test_a_file_that_would_cost_hours_to_open_is_not_opened(refused, chain, renewed):
    heavy = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(1_234).build(b"x")
    data = p12(chain, renewed, algorithm=heavy)
    assert (1_234).to_bytes(2) in data
    slow = data.replace(b"\x02\x02" + (1_234).to_bytes(2), b"\x02\x02\x7f\xff")
    assert "asks for far more work" not in refused(slow, password="y")
    derivation = tlv(0x30, bytes.fromhex("06092a864886f70d01050c"), tlv(0x30, tlv(4, b"saltsalt"), tlv(2, b"\x7f\xff\xff\xff")))
    scheme = tlv(0x30, bytes.fromhex("06092a864886f70d01050d"), tlv(0x30, derivation))
    key = tlv(0x30, scheme, tlv(4, bytes(16)))
    pem = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + base64.encodebytes(key) + b"-----END ENCRYPTED PRIVATE KEY-----\n"
    for bomb in (key, pem):
        assert "asks for far more work to open than any program would want" in refused(bomb, password="y")


def test_a_panic_inside_the_parser_is_a_sentence_and_any_other_end_is_not(refused, bring, monkeypatch):
    class PanicException(BaseException):
        pass

    def panic(*_):
        raise PanicException

    monkeypatch.setattr(reading, "_binary", panic)
    assert refused(("pass.cer", b"0")).startswith("pass.cer is damaged.")
    monkeypatch.setattr(reading, "_binary", lambda *_: sys.exit(3))
    with pytest.raises(SystemExit):
        bring(b"0")


def test_bytes_of_any_kind_end_in_a_sentence(refused, chain, renewed):
    whole = (
        p12(chain, renewed, algorithm=LEGACY.kdf_rounds(1).build(b"x")),
        der(renewed),
        chain.pem(chain.key),
        pkcs7.serialize_certificates([renewed], DER),
    )
    for data in whole:
        for cut in range(1, len(data), max(1, len(data) // 6)):
            assert refused(data[:cut], password="x")
            assert refused(data[:cut] + bytes([data[cut] ^ 0x15]) + data[cut + 1 :], password="y")
