"""pass.json and the certificate speak of the same pass type and team."""

from cryptography.x509.oid import NameOID

from walletpass.apple.inspection.chain import pass_type_of
from walletpass.apple.inspection.cms import Certificate
from walletpass.apple.inspection.findings import Findings, refused, said
from walletpass.apple.inspection.jsontext import Object


def check(content: Object, leaf: Certificate | None) -> Findings:
    if leaf is None:
        return
    pass_type, team = pass_type_of(leaf), leaf.named(NameOID.ORGANIZATIONAL_UNIT_NAME)
    given_type, given_team = content.get("passTypeIdentifier"), content.get("teamIdentifier")
    if pass_type and given_type and given_type != pass_type:
        yield refused(
            "pass-type-differs",
            f"passTypeIdentifier is {said(given_type)}, but the certificate is for {said(pass_type)}. Write that, or sign with the other one.",
        )
    if given_team and given_team != team:
        yield refused(
            "team-differs", f"teamIdentifier is {said(given_team)}, but the certificate belongs to team {said(team)}. Write that."
        )
    if "nfc" in content and "with NFC" not in leaf.common_name:
        yield refused(
            "nfc-without-certificate",
            "The pass has nfc, but its certificate is none for NFC, and some phones refuse that. Leave nfc out, or ask Apple for NFC.",
        )
