"""Is it Google who calls? Everything that a stranger could change, and what Google's own calls look like."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from walletpass.google import ecv2
from walletpass.google.ecv2 import Call, Forged, RootKey
from walletpass.sandbox import googlecalls
from walletpass.sandbox.googlecalls import Signer, public, sign

ISSUER = "3388000000022222222"
NOW = 1_795_990_000_000
HOUR = 3_600_000
SENDERS = ("GooglePayPasses", "GoogleWalletPasses")
VECTOR = json.loads((Path(__file__).parent / "ecv2_vector.json").read_text("utf-8"))

google = Signer.new()
roots = [RootKey(google.root.public_key(), NOW + HOUR)]


def call(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"expires_ms": NOW + HOUR, "key_expires_ms": NOW + HOUR, **changes}
    issuer = given.pop("issuer", ISSUER)
    return google.call(issuer, given.pop("class_id", f"{ISSUER}.luna"), given.pop("object_id", f"{ISSUER}.a1"), "save", **given)


def packed(table: Any) -> bytes:
    return json.dumps(table, separators=(",", ":")).encode()


def believed(body: bytes, *, now_ms: int = NOW, recipient: str = ISSUER, keys: list[RootKey] | None = None) -> Call:
    return ecv2.verify(ecv2.read(body), roots if keys is None else keys, recipient=recipient, senders=SENDERS, now_ms=now_ms)


def reason(body: bytes, **circumstances: Any) -> str:
    with pytest.raises(Forged) as refused:
        believed(body, **circumstances)
    return refused.value.reason


def retold(signed_key: str, message: str, intermediate: ec.EllipticCurvePrivateKey = google.intermediate) -> bytes:
    """A call of Google's with any two strings in it, signed as Google would."""
    sender, protocol = googlecalls.SENDER, googlecalls.PROTOCOL
    return packed(
        {
            "protocolVersion": protocol,
            "signature": sign(intermediate, sender, ISSUER, protocol, message),
            "signedMessage": message,
            "intermediateSigningKey": {"signedKey": signed_key, "signatures": [sign(google.root, sender, protocol, signed_key)]},
        }
    )


def key_text(**changes: Any) -> str:
    return json.dumps({"keyValue": public(google.intermediate), "keyExpiration": str(NOW + HOUR), **changes}, ensure_ascii=False)


def message_text(**changes: Any) -> str:
    said = {"classId": f"{ISSUER}.luna", "objectId": f"{ISSUER}.a1", "eventType": "del", "expTimeMillis": NOW, "nonce": "n", **changes}
    return json.dumps(said, ensure_ascii=False)


TRUE = packed(call())


def test_a_call_of_googles_is_believed() -> None:
    assert believed(packed(call(nonce="n-1"))) == Call("save", f"{ISSUER}.luna", f"{ISSUER}.a1", "n-1", NOW + HOUR)


def test_a_call_signed_by_the_command_line_of_openssl_is_believed() -> None:
    r"""Its signedKey holds \u003d, both strings hold letters of two bytes and more, and the body escapes all of it once again."""
    root = RootKey(ecv2.public_key(VECTOR["root"]))
    envelope = ecv2.read(VECTOR["body"].encode())
    assert "\\u003d" in envelope.signed_key
    assert "🔑" in envelope.signed_key
    heard = ecv2.verify(envelope, [root], recipient=VECTOR["recipient"], senders=VECTOR["senders"], now_ms=VECTOR["now_ms"])
    assert (heard.event, heard.object_id, heard.expires_ms) == ("save", f"{ISSUER}.a-1_b", 1_795_996_800_000)
    for rewritten in (replace(envelope, signed_key=json.dumps(json.loads(envelope.signed_key))), replace(envelope, signed_message="{}")):
        with pytest.raises(Forged):
            ecv2.verify(rewritten, [root], recipient=VECTOR["recipient"], senders=VECTOR["senders"], now_ms=VECTOR["now_ms"])


@pytest.mark.parametrize("sender", SENDERS)
def test_either_of_googles_names_will_do(sender: str) -> None:
    assert believed(packed(call(sender=sender))).event == "save"


def test_lengths_are_counted_in_bytes() -> None:
    assert ecv2.counted("é", "", "ab") == b"\2\0\0\0\xc3\xa9\0\0\0\0\2\0\0\0ab"
    assert ecv2.counted("x" * 300)[:4] == b"\x2c\1\0\0"
    assert believed(retold(key_text(note="Ключ 🔑"), message_text(city="Київ"))).event == "del"


FORGED = {
    "unsigned": "unsigned",
    "wrong sender": "bad_chain",
    "expired message": "expired_message",
    "expired key": "expired_key",
    "bad chain": "bad_chain",
    "other issuer": "bad_signature",
    "altered message": "bad_signature",
    "wrong protocol": "wrong_protocol",
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_forgery_is_refused_for_what_it_is(kind: str) -> None:
    now_ms = googlecalls.now_ms()
    body = packed(google.forged(kind, ISSUER, f"{ISSUER}.luna", f"{ISSUER}.a1", "save"))
    assert reason(body, now_ms=now_ms, keys=[RootKey(google.root.public_key())]) == FORGED[kind]


def test_no_bit_of_a_call_can_be_turned() -> None:
    for place in range(len(TRUE)):
        for bit in (1, 32):
            reason(TRUE[:place] + bytes([TRUE[place] ^ bit]) + TRUE[place + 1 :])


@settings(deadline=None)
@given(st.data())
def test_no_byte_of_a_call_can_be_another(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(TRUE) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != TRUE[place]))
    reason(TRUE[:place] + bytes([other]) + TRUE[place + 1 :])


@settings(deadline=None)
@given(st.data())
def test_no_byte_can_be_left_out_or_put_in(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(TRUE) - 1))
    reason(TRUE[:place] + TRUE[place + 1 :])
    added = data.draw(st.binary(min_size=1, max_size=3).filter(lambda some: some.strip(b" \t\r\n\0") == some))
    # Blanks between the strings mean nothing; whatever else is put in does.
    reason(TRUE[:place] + added + TRUE[place:])


@settings(deadline=None)
@given(st.binary(max_size=300) | st.recursive(st.none() | st.integers() | st.text(), lambda some: st.lists(some)).map(packed))
def test_whatever_else_is_sent_is_refused_in_one_way(body: bytes) -> None:
    assert reason(body) in ("malformed", "wrong_protocol", "unsigned")


def test_a_key_ends_on_the_moment_and_without_patience() -> None:
    body = packed(call(key_expires_ms=NOW))
    assert believed(body, now_ms=NOW - 1)
    assert reason(body, now_ms=NOW) == "expired_key"


def test_a_root_key_that_has_ended_signs_nothing() -> None:
    body = packed(call())
    assert reason(body, keys=[RootKey(google.root.public_key(), NOW)]) == "bad_chain"
    assert reason(body, keys=[]) == "bad_chain"
    ended, other = RootKey(google.root.public_key(), 1), RootKey(Signer.new().root.public_key())
    assert believed(body, keys=[ended, other, RootKey(google.root.public_key())])


def test_our_clock_may_be_five_minutes_ahead() -> None:
    body = packed(call(expires_ms=NOW - 300_000))
    assert believed(body)
    assert reason(body, now_ms=NOW + 1) == "expired_message"


@pytest.mark.parametrize(
    "about", [{"class_id": "3388000000099999999.luna"}, {"object_id": "33880000000222222220.a1"}, {"object_id": ISSUER}]
)
def test_a_card_of_another_issuer_is_refused_though_the_call_is_ours(about: dict[str, str]) -> None:
    assert reason(packed(call(**about))) == "other_issuer"


def test_of_several_signatures_one_has_to_hold() -> None:
    body = call()
    good, bad = body["intermediateSigningKey"]["signatures"][0], sign(Signer.new().root, "x")
    body["intermediateSigningKey"]["signatures"] = [bad, good]
    assert believed(packed(body))
    body["intermediateSigningKey"]["signatures"] = [bad] * 8 + [good]
    assert reason(packed(body)) == "malformed"
    body["intermediateSigningKey"]["signatures"] = []
    assert reason(packed(body)) == "unsigned"


def test_both_signatures_bear_one_name() -> None:
    """A root's word for one sender is none for another."""
    body, other = call(), call(sender=SENDERS[1])
    assert reason(packed({**body, "intermediateSigningKey": other["intermediateSigningKey"]})) == "bad_signature"


def test_a_key_on_another_curve_signs_nothing() -> None:
    stranger = ec.generate_private_key(ec.SECP384R1())
    assert reason(retold(key_text(keyValue=public(stranger)), message_text(), stranger)) == "malformed"
    with pytest.raises(ValueError, match="P-256"):
        ecv2.public_key(public(rsa.generate_private_key(public_exponent=65537, key_size=2048)))  # type: ignore[arg-type]


@pytest.mark.parametrize("when", [True, None, -1, 1.5, "", "1e9", "٣", 10**14, "9" * 4000, [NOW]])
def test_a_time_that_is_none_is_refused_even_when_signed(when: Any) -> None:
    assert reason(retold(key_text(), message_text(expTimeMillis=when))) == "malformed"
    assert reason(retold(key_text(keyExpiration=when), message_text())) == "malformed"


def test_times_may_be_numbers_or_stand_in_quotes() -> None:
    assert believed(retold(key_text(keyExpiration=NOW + 1), message_text(expTimeMillis=str(NOW)))).expires_ms == NOW


@pytest.mark.parametrize("name", ["classId", "objectId", "eventType", "nonce"])
@pytest.mark.parametrize("value", [None, 7, ["x"], "\ud800"])
def test_a_signed_message_of_another_shape_is_refused(name: str, value: Any) -> None:
    text = message_text() if value == "\ud800" else message_text(**{name: value})
    if value == "\ud800":
        text = text.replace(f'"{name}": "', f'"{name}": "\\ud800', 1)
    assert reason(retold(key_text(), text)) == "malformed"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff", b"null", b"[]", b"{", b'{"protocolVersion":"ECv2SigningOnly"}', b"[" * 9000, b'{"a":NaN}',
        b'{"protocolVersion":"ECv2","protocolVersion":"ECv2SigningOnly"}', b'{"protocolVersion":["ECv2SigningOnly"]}', b"\xef\xbb\xbf{}",
    ],
)  # fmt: skip
def test_a_body_of_another_shape_is_refused(body: bytes) -> None:
    assert reason(body) == "malformed"


def test_a_name_that_stands_twice_is_refused() -> None:
    body = packed(call())
    assert reason(body[:-1] + b',"signature":"AAAA"}') == "malformed"
    assert reason(retold(key_text(), message_text()[:-1] + ', "nonce": "m"}')) == "malformed"


def test_base64_has_one_spelling() -> None:
    body = call()
    for spelling in ("AAA=\n", "AAB=", "AAA", "AA-_", "AA AA", "é", 7, None):
        assert reason(packed({**body, "signature": spelling})) == "malformed"
