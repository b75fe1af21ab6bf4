import subprocess
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.der import decoder, encoder
from pyasn1_modules import rfc5652

from walletpass.apple.signing import _attributes, _integer, sign
from walletpass.errors import CertificateError

pytestmark = pytest.mark.filterwarnings("error")

MANIFEST = b'{"icon.png":"00",\n"pass.json":"11"}\r\n'
MOMENT = datetime(2026, 11, 22, 19, 30, tzinfo=UTC)


def openssl(folder, signature, manifest, *more):
    (folder / "signature").write_bytes(signature)
    (folder / "manifest.json").write_bytes(manifest)
    command = ["openssl", "smime", "-verify", "-inform", "DER", "-in", "signature", "-content", "manifest.json", "-binary", *more]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=20)


def test_openssl_verifies_the_signature_up_to_the_root(identity, chain, tmp_path):
    (tmp_path / "root.pem").write_bytes(chain.pem(chain.root.certificate))
    done = openssl(tmp_path, sign(identity, MANIFEST, MOMENT), MANIFEST, "-CAfile", "root.pem", "-purpose", "any")
    assert done.returncode == 0, done.stderr
    assert done.stdout == MANIFEST


def test_one_changed_byte_breaks_the_signature(identity, tmp_path):
    done = openssl(tmp_path, sign(identity, MANIFEST, MOMENT), MANIFEST.replace(b"11", b"12"), "-noverify")
    assert done.returncode != 0
    assert b"digest failure" in done.stderr


def test_equal_arguments_give_equal_bytes(identity):
    assert sign(identity, MANIFEST, MOMENT) == sign(identity, MANIFEST, MOMENT)


def parsed(signature):
    content, rest = decoder.decode(signature, asn1Spec=rfc5652.ContentInfo())
    assert not rest
    signed, rest = decoder.decode(content["content"], asn1Spec=rfc5652.SignedData())
    assert not rest
    return content, signed


def test_a_parser_that_is_not_ours_reads_it_and_writes_the_same_der(identity):
    signature = sign(identity, MANIFEST, MOMENT)
    content, signed = parsed(signature)
    assert encoder.encode(content) == signature
    assert encoder.encode(signed) in signature
    assert not signed["encapContentInfo"]["eContent"].isValue
    assert len(signed["certificates"]) == 2
    kinds = [str(attribute["attrType"]) for attribute in signed["signerInfos"][0]["signedAttrs"]]
    assert kinds == [str(oid) for oid in (rfc5652.id_contentType, rfc5652.id_signingTime, rfc5652.id_messageDigest)]


def test_the_signing_time_is_that_of_the_version_and_not_before_the_certificate(identity):
    later = identity.not_before + timedelta(hours=3)
    assert later.strftime("%y%m%d%H%M%SZ").encode() in sign(identity, MANIFEST, later)
    early = sign(identity, MANIFEST, identity.not_before - timedelta(days=400))
    assert identity.not_before.strftime("%y%m%d%H%M%SZ").encode() in early


@given(st.datetimes(*(moment.replace(tzinfo=None) for moment in (MOMENT, MOMENT + timedelta(days=8000))), timezones=st.timezones()))
def test_the_signing_time_is_in_utc_wherever_the_change_was_written(moment):
    assert moment.astimezone(UTC).strftime("%y%m%d%H%M%SZ").encode() in _attributes(moment, bytes(32))


def test_an_expired_certificate_signs_nothing(identity):
    with time_machine.travel(identity.not_after + timedelta(seconds=1), tick=False), pytest.raises(CertificateError):
        sign(identity, MANIFEST, MOMENT)


@given(st.integers(min_value=0, max_value=2**160))
def test_integers_are_der(value):
    from pyasn1.type.univ import Integer

    assert _integer(value) == encoder.encode(Integer(value))
