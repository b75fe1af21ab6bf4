"""An operator lets the restaurant's own app in, and puts it out."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.identification.cast import pem

ADD = ("programs", "add", "mare", "--name", "Mare", "--pass-type", "pass.example.mare", "--team", "MARE000001")


def test_an_app_is_let_in_listed_and_put_out(run, opened, tmp_path):
    run(*ADD)
    key = tmp_path / "app.pem"
    key.write_text(pem(Ed25519PrivateKey.generate()))
    added = run("apps", "add", "mare", str(key), "--issuer", "https://app.mare.example", "--label", "iOS")
    assert (added.exit_code, added.output.split()[1:]) == (0, ["EdDSA", "https://app.mare.example"])
    key_id = added.output.split()[0]
    assert run("apps", "list", "mare").output.split() == [key_id, "EdDSA", "good", "https://app.mare.example", "iOS"]
    assert "open nothing any more" in run("apps", "revoke", "mare", key_id).output
    assert "revoked" in run("apps", "list", "mare").output


def test_a_private_key_a_text_and_a_restaurant_that_is_none_are_refused(run, opened, tmp_path):
    run(*ADD)
    text = tmp_path / "key.pem"
    text.write_text("no key")
    refused = run("apps", "add", "mare", str(text), "--issuer", "x")
    assert "no public key" in str(refused.exception)
    assert "no such restaurant" in str(run("apps", "add", "nobody", str(text), "--issuer", "x").exception)
    assert "not known" in str(run("apps", "revoke", "mare", "x" * 26).exception)
