"""The signature, its certificates, and whom they were issued to."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from pyasn1.codec.der import decoder, encoder
from pyasn1_modules import rfc5652

from tests.apple.inspected import TEAM, TYPE, Maker, marker, rules
from walletpass.apple import inspection
from walletpass.apple.inspection import chain as rules_of_chain
from walletpass.errors import CertificateError

WWDR = "Apple Worldwide Developer Relations Certification Authority"


@pytest.fixture
def maker(tmp_path, chain):
    return Maker(tmp_path, chain)


@pytest.fixture
def signed_by(maker, chain):
    """A pass by another certificate of Luna's: ``signed_by(authority, start=...)``."""

    def make(authority=chain.wwdr, subject=None, key=chain.key, extensions=None, content=None, certfile="other", embed=None, **times):
        leaf = authority.leaf(subject or chain.subject(), key, extensions=(marker(),) if extensions is None else extensions, **times)
        maker.write("leaf", leaf, key)
        maker.write("other", embed or authority.certificate)
        return maker.pack(maker.files(content), signer="leaf", certfile=certfile)

    return make


def resigned(maker, change):
    """A pass whose signature was taken apart and changed; what is signed stays."""
    files = maker.files()
    manifest = maker.manifest(files)
    content = decoder.decode(maker.sign(manifest), asn1Spec=rfc5652.ContentInfo())[0]
    signed = decoder.decode(content["content"], asn1Spec=rfc5652.SignedData())[0]
    change(signed)
    content["content"] = encoder.encode(signed)
    return maker.pack(files, manifest=manifest, signature=encoder.encode(content))


def without_attribute(oid):
    def change(signed):
        info = signed["signerInfos"][0]
        kept = [one for one in info["signedAttrs"] if str(one["attrType"]) != oid]
        info["signedAttrs"].clear()
        info["signedAttrs"].extend(kept)

    return change


def streamed(signature):
    """The outermost length left open, as in BER."""
    return b"0\x80" + signature[4:] + b"\0\0"


FORMS = [
    ("signature-not-der", lambda maker, manifest: b""),
    ("signature-not-der", lambda maker, manifest: maker.sign(manifest, form="PEM")),
    ("signature-not-der", lambda maker, manifest: maker.sign(manifest, form="SMIME")),
    ("signature-unreadable", lambda maker, manifest: b"0\x03abc"),
    ("signature-unreadable", lambda maker, manifest: maker.sign(manifest)[:-20]),
    ("signature-too-large", lambda maker, manifest: b"0" * 70_000),
    ("signature-without-attributes", lambda maker, manifest: maker.sign(manifest, "-noattr")),
    ("signature-not-detached", lambda maker, manifest: maker.sign(manifest, "-nodetach")),
    ("signature-content-differs", lambda maker, manifest: maker.sign(manifest, "-nodetach").replace(b'"icon.png": "', b'"icon.png": \'')),
    ("signature-ber", lambda maker, manifest: streamed(maker.sign(manifest))),
    ("signature-sha1", lambda maker, manifest: maker.sign(manifest, "-md", "sha1")),
    ("signature-digest-unknown", lambda maker, manifest: maker.sign(manifest, "-md", "md5")),
    ("signature-line-ends", lambda maker, manifest: maker.sign(manifest, binary=False)),
    ("signature-line-ends", lambda maker, manifest: maker.sign(manifest, "-text", binary=False)),
    ("signature-digest-differs", lambda maker, manifest: maker.sign(manifest + b" ")),
    ("certificate-leaf-missing", lambda maker, manifest: maker.sign(manifest, "-nocerts")),
    ("intermediate-missing", lambda maker, manifest: maker.sign(manifest, certfile=None)),
]


@pytest.mark.parametrize(("rule", "sign"), FORMS)
def test_a_signature_of_another_form_has_one_finding(maker, rule, sign):
    files = maker.files()
    manifest = maker.manifest(files)
    assert maker.found(maker.pack(files, manifest=manifest, signature=sign(maker, manifest))) == [rule]


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_the_digests_of_today_are_sound(maker, digest):
    files = maker.files()
    manifest = maker.manifest(files)
    assert maker.found(maker.pack(files, manifest=manifest, signature=maker.sign(manifest, "-md", digest))) == []


ATTRIBUTES = [
    ("signing-time-missing", "1.2.840.113549.1.9.5"),
    ("signature-digest-missing", "1.2.840.113549.1.9.4"),
    ("signature-content-type", "1.2.840.113549.1.9.3"),
]


@pytest.mark.parametrize(("rule", "oid"), ATTRIBUTES)
def test_a_signed_attribute_taken_away_is_missed(maker, rule, oid):
    # It was signed, so the signature is wrong as well.
    assert maker.found(resigned(maker, without_attribute(oid))) == [rule, "signature-wrong"]


def test_a_second_signer_is_told(maker, chain):
    maker.write("second", chain.wwdr.leaf(chain.subject(), chain.stranger, extensions=(marker(),)), chain.stranger)
    files = maker.files()
    manifest = maker.manifest(files)
    signature = maker.sign(manifest, "-signer", "second.pem", "-inkey", "second.key")
    assert maker.found(maker.pack(files, manifest=manifest, signature=signature)) == ["signature-several-signers"]


def test_a_key_that_is_not_the_certificates_is_told(maker):
    def change(signed):
        info = signed["signerInfos"][0]
        info["signature"] = bytes(info["signature"])[::-1]

    report = maker.inspect(resigned(maker, change))
    assert rules(report) == ["signature-wrong"]
    assert f"'Pass Type ID: {TYPE}'" in report.findings[0].sentence


def test_a_key_that_is_not_rsa_is_told(signed_by, maker):
    assert maker.found(signed_by(key=ec.generate_private_key(ec.SECP256R1()))) == ["signature-not-rsa"]


def test_dates_of_the_pass_certificate_are_looked_at(signed_by, maker):
    year_ago = datetime.now(UTC) - timedelta(days=500)
    assert maker.found(signed_by(start=year_ago)) == ["signing-time-outside", "certificate-expired"]
    assert maker.found(signed_by(start=datetime.now(UTC) + timedelta(hours=2))) == ["signing-time-outside", "certificate-not-yet-valid"]
    sound = maker.make()
    later = datetime.now(UTC) + timedelta(days=600)
    assert maker.found(sound, now=later) == ["certificate-expired"]


def test_a_signing_time_to_come_is_told(maker):
    assert maker.found(maker.make(), now=datetime.now(UTC) - timedelta(days=3)) == [
        "signing-time-ahead", "certificate-not-yet-valid", "intermediate-not-yet-valid", "chain-not-trusted",
    ]  # fmt: skip


def test_an_expired_intermediate_is_told(signed_by, maker, chain):
    old = chain.authority("Example Relations", "G4", chain.root, lasts=timedelta(hours=2))
    assert maker.found(signed_by(old)) == ["intermediate-expired"]


def test_apples_first_intermediate_has_a_sentence_of_its_own(signed_by, maker, chain):
    g1 = chain.authority(WWDR, "Apple Worldwide Developer Relations", chain.root, lasts=timedelta(hours=2))
    report = maker.inspect(signed_by(g1))
    assert rules(report) == ["wwdr-g1-expired"]
    assert "embed G4" in report.findings[0].sentence


def test_a_g6_intermediate_is_told(signed_by, maker, chain):
    assert maker.found(signed_by(chain.authority(WWDR, "G6", chain.root))) == ["wwdr-g6"]


def test_another_intermediate_of_the_same_name_is_told(signed_by, maker, chain):
    assert maker.found(signed_by(embed=chain.impostor.certificate)) == ["intermediate-wrong"]


def test_the_missing_intermediate_is_named_with_the_one_inside(signed_by, maker, chain):
    report = maker.inspect(signed_by(embed=chain.root.certificate))
    assert rules(report) == ["intermediate-missing"]
    assert "'Example Worldwide Developer Relations, G4'" in report.findings[0].sentence
    assert "inside is 'Example Root CA, Root'" in report.findings[0].sentence


def test_a_certificate_issued_by_a_mere_leaf_is_told(signed_by, maker, chain):
    key = rsa.generate_private_key(65537, 2048)
    name = ((NameOID.COMMON_NAME, "Sub"), (NameOID.ORGANIZATIONAL_UNIT_NAME, "G4"))
    sub = chain.authority("Sub", "G4", chain.root)
    sub.key, sub.certificate = key, chain.root.leaf(name, key)
    assert maker.found(signed_by(sub)) == ["intermediate-no-authority"]


def test_a_certificate_that_signed_itself_is_told(signed_by, maker, chain):
    own = chain.authority("own", "own")
    own.name, own.key = x509.Name([x509.NameAttribute(oid, value) for oid, value in chain.subject()]), chain.key
    assert maker.found(signed_by(own)) == ["certificate-self-signed"]


def test_another_kind_of_certificate_is_told(signed_by, maker):
    subject = ((NameOID.COMMON_NAME, "Apple Development: Ana"), (NameOID.ORGANIZATIONAL_UNIT_NAME, TEAM))
    assert maker.found(signed_by(subject=subject, extensions=())) == ["certificate-other-kind"]
    assert maker.found(signed_by(extensions=())) == ["certificate-other-kind"]


def test_the_certificate_is_for_the_pass_type_and_the_team(maker):
    assert maker.found(maker.make(maker.content(passTypeIdentifier="pass.example.sova"))) == ["pass-type-differs"]
    assert maker.found(maker.make(maker.content(teamIdentifier="SOVA000001"))) == ["team-differs"]


def test_nfc_needs_a_certificate_for_nfc(maker, signed_by, chain):
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    spki = point.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    key = base64.b64encode(spki).decode()
    content = maker.content(nfc={"message": "10031844", "encryptionPublicKey": key})
    assert maker.found(maker.make(content)) == ["nfc-without-certificate"]
    subject = [(oid, value.replace("Pass Type ID:", "Pass Type ID with NFC:")) for oid, value in chain.subject()]
    assert maker.found(signed_by(subject=subject, content=content)) == []


def test_without_a_root_a_chain_that_names_apple_is_advice_and_any_other_is_refused(maker, signed_by, chain):
    assert maker.found(maker.make(), roots=[]) == ["issuer-not-apple"]
    named = signed_by(chain.authority(WWDR, "G4", chain.root))
    report = maker.inspect(named, roots=[])
    assert rules(report) == ["chain-not-checked"]
    assert report.opens
    assert maker.found(named, roots=[chain.root.certificate]) == []


def test_apples_intermediate_g4_itself_needs_no_root(maker, signed_by, chain, monkeypatch):
    g4 = chain.authority(WWDR, "G4", chain.root)
    monkeypatch.setattr(rules_of_chain, "WWDR_G4", g4.certificate.fingerprint(hashes.SHA256()))
    assert maker.found(signed_by(g4), roots=[]) == []


def test_a_chain_to_another_root_is_refused(maker, chain):
    stranger = chain.authority("Example Root CA", "Root")
    assert maker.found(maker.make(), roots=[stranger.certificate]) == ["chain-not-trusted"]


def test_the_operators_root_is_read_from_the_folder_of_certificates(tmp_path, chain):
    assert inspection.roots_in(tmp_path) == ()
    (tmp_path / "apple-root.pem").write_bytes(chain.pem(chain.root.certificate))
    assert inspection.roots_in(tmp_path) == (chain.root.certificate,)
    (tmp_path / "apple-root.pem").write_bytes(b"0\x82")
    with pytest.raises(CertificateError, match="is not a certificate in PEM form"):
        inspection.roots_in(tmp_path)
