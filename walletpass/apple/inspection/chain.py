"""From the pass certificate over Apple's intermediate (WWDR) to a root, each valid now."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from walletpass.apple.inspection.cms import Certificate, certificate, title
from walletpass.apple.inspection.findings import Finding, Findings, advice, refused, said
from walletpass.errors import CertificateError

APPLE_ROOT = "apple-root.pem"
WWDR = "Apple Worldwide Developer Relations Certification Authority"
# Apple's intermediate G4, valid until 2030-12-10: whoever it certified needs no root.
WWDR_G4 = bytes.fromhex("ea4757885538dd8cb59ff4556f676087d83c85e70902c122e42c0808b5bce14c")
GET_WWDR = "Get the current one from apple.com/certificateauthority"


def roots_in(folder: Path) -> tuple[x509.Certificate, ...]:
    """What the operator trusts: ``apple-root.pem``, or nothing when it is not there. Raises CertificateError."""
    try:
        return tuple(x509.load_pem_x509_certificates((folder / APPLE_ROOT).read_bytes()))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise CertificateError(f"{APPLE_ROOT} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        hint = "Convert Apple's file with: openssl x509 -inform der -in AppleIncRootCertificate.cer -out apple-root.pem"
        raise CertificateError(f"{APPLE_ROOT} is not a certificate in PEM form. {hint}") from error


def check(leaf: Certificate, embedded: Sequence[Certificate], trust: Sequence[x509.Certificate] | None, now: datetime) -> Findings:
    """Without ``trust`` the chain is looked at up to the intermediate; an empty ``trust`` knows Apple by name."""
    if leaf.issuer == leaf.subject:
        yield refused(
            "certificate-self-signed", "The pass certificate signed itself. A phone takes only one that Apple issued for this pass type."
        )
        return
    if now < leaf.not_before:
        yield refused(
            "certificate-not-yet-valid", f"The pass certificate is not valid before {leaf.not_before:%Y-%m-%d %H:%M} UTC. Check the clock."
        )
    if now > leaf.not_after:
        yield refused(
            "certificate-expired",
            f"The pass certificate expired on {leaf.not_after:%Y-%m-%d}. Renew it for the same pass type and sign again.",
        )
    named = [one for one in embedded if one.subject == leaf.issuer]
    issuer = next((one for one in named if _issued(leaf, one)), None)
    if issuer is None:
        yield _no_issuer(leaf, embedded, named)
        return
    yield from _intermediate(issuer, now)
    if trust is not None:
        yield from _kind(leaf)
        yield from _anchor(issuer, trust, now)


def _no_issuer(leaf: Certificate, embedded: Sequence[Certificate], named: Sequence[Certificate]) -> Finding:
    wanted = said(title(leaf.issuer))
    if named:
        sentence = f"The intermediate {wanted} inside the signature has the right name, but another key than the issuer. {GET_WWDR}."
        return refused("intermediate-wrong", sentence)
    others = ", ".join(said(one.title) for one in embedded if one != leaf)
    inside = f"; inside is {others}" if others else ""
    return refused(
        "intermediate-missing",
        f"The intermediate that issued the certificate, {wanted}, is not in the signature{inside}. {GET_WWDR}, and embed it.",
    )


def _intermediate(issuer: Certificate, now: datetime) -> Findings:
    apple = issuer.common_name == WWDR
    unit = issuer.named(NameOID.ORGANIZATIONAL_UNIT_NAME)
    if now > issuer.not_after and apple and unit not in {f"G{number}" for number in range(2, 10)}:
        yield refused(
            "wwdr-g1-expired",
            f"The signature embeds Apple's first WWDR intermediate, which expired on {issuer.not_after:%Y-%m-%d}. "
            "Renew the pass certificate, which G4 will issue, and embed G4.",
        )
    elif now > issuer.not_after:
        yield refused("intermediate-expired", f"The intermediate {said(issuer.title)} expired on {issuer.not_after:%Y-%m-%d}. {GET_WWDR}.")
    if now < issuer.not_before:
        yield refused(
            "intermediate-not-yet-valid",
            f"The intermediate {said(issuer.title)} is not valid before {issuer.not_before:%Y-%m-%d}. Check the clock.",
        )
    if not issuer.authority:
        yield refused(
            "intermediate-no-authority", f"{said(issuer.title)} issued the certificate, but may not issue certificates. {GET_WWDR}."
        )
    if apple and unit == "G6":
        yield advice(
            "wwdr-g6",
            "The intermediate is WWDR G6, with which passes were reported not to open. Let the portal issue a pass certificate under G4.",
        )


def _kind(leaf: Certificate) -> Findings:
    pass_type = pass_type_of(leaf)
    if not pass_type or leaf.marker != pass_type:
        yield refused(
            "certificate-other-kind",
            f"{said(leaf.common_name)} is no Pass Type ID certificate: it lacks Apple's mark for one. Ask the portal for a Pass Type ID certificate.",
        )


def _anchor(issuer: Certificate, trust: Sequence[x509.Certificate], now: datetime) -> Findings:
    fingerprint = issuer.parsed.fingerprint(hashes.SHA256())
    if trust:
        if not any(fingerprint == root.fingerprint(hashes.SHA256()) or _comes_from(issuer, root, now) for root in trust):
            yield refused("chain-not-trusted", f"The intermediate {said(issuer.title)} does not come from the trusted root. {GET_WWDR}.")
    elif fingerprint == WWDR_G4:
        return
    elif issuer.common_name == WWDR:
        yield advice(
            "chain-not-checked",
            f"The intermediate is named like Apple's, but the chain to Apple's root was not checked: put {APPLE_ROOT} into the certificates folder.",
        )
    else:
        yield refused(
            "issuer-not-apple",
            f"The certificate was issued by {said(issuer.title)}, not by Apple, and phones trust nobody else. For a sandbox, name its root.",
        )


def pass_type_of(leaf: Certificate) -> str:
    """UID, or the common name behind "Pass Type ID:" where there is none."""
    kind, _, name = leaf.common_name.partition(": ")
    return leaf.named(NameOID.USER_ID) or (name if kind.startswith("Pass Type ID") else "")


def _comes_from(issuer: Certificate, root: x509.Certificate, now: datetime) -> bool:
    held = certificate(root)
    return held.subject == issuer.issuer and held.not_before <= now <= held.not_after and _issued(issuer, held)


def _issued(child: Certificate, parent: Certificate) -> bool:
    try:
        child.parsed.verify_directly_issued_by(parent.parsed)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
