"""What a certificate is for, and what Apple calls it."""

import re

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PASS_MARKER = x509.ObjectIdentifier("1.2.840.113635.100.6.1.16")
WITH_NFC = "Pass Type ID with NFC"
RELATIONS = "Worldwide Developer Relations"
# Apple's first intermediate has a department where the later ones have their number.
FIRST = "Apple Worldwide Developer Relations"

# How Apple begins the names of its other certificates.
OTHERS = (
    (r"Apple (Development IOS |Production IOS |Sandbox |Production )?Push Services|VoIP Services|WatchKit Services", "for the push notifications of an app (APNs)"),
    (r"Website Push ID", "for the push notifications of a website"),
    (r"Developer ID", "for programs outside the App Store (Developer ID)"),
    (r"Apple Distribution|iPhone Distribution|3rd Party Mac Developer|Mac App Distribution", "for apps in the App Store (distribution)"),
    (r"Apple Development|iPhone Developer|Mac Developer", "for apps under development"),
    (r"Merchant ID|Apple Pay", "for payments with Apple Pay"),
    (r"Order Type ID", "for orders in Wallet (Order Type ID)"),
)  # fmt: skip


def named(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    return " ".join(str(attribute.value) for attribute in name.get_attributes_for_oid(oid))


def pass_type(certificate: x509.Certificate) -> str:
    return named(certificate.subject, NameOID.USER_ID)


def team(certificate: x509.Certificate) -> str:
    return named(certificate.subject, NameOID.ORGANIZATIONAL_UNIT_NAME)


def for_nfc(certificate: x509.Certificate) -> bool:
    return named(certificate.subject, NameOID.COMMON_NAME).startswith(WITH_NFC)


def is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def is_pass(certificate: x509.Certificate) -> bool:
    if named(certificate.subject, NameOID.COMMON_NAME).startswith("Pass Type ID"):
        return True
    try:
        certificate.extensions.get_extension_for_oid(PASS_MARKER)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return True


def purpose(certificate: x509.Certificate) -> str:
    """What a certificate that is none for passes is for."""
    name = named(certificate.subject, NameOID.COMMON_NAME)
    for pattern, words in OTHERS:
        if re.match(pattern, name):
            return words
    if certificate.issuer == certificate.subject:
        return f"one that signed itself ({shown(name)}), which no phone takes"
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])
    if ExtendedKeyUsageOID.SERVER_AUTH in usage:
        return f"for a website ({shown(name)})"
    return f"of another kind ({shown(name)})"


def generation(name: x509.Name) -> str:
    """``G4`` and so on for Apple's intermediates; the common name of any other authority."""
    unit, common = named(name, NameOID.ORGANIZATIONAL_UNIT_NAME), named(name, NameOID.COMMON_NAME)
    if re.fullmatch(r"G[0-9]{1,2}", unit):
        return unit
    return "G1" if unit == FIRST else shown(common)


def issuer_called(name: x509.Name) -> str:
    own = generation(name)
    return f"Apple's intermediate {own}" if RELATIONS in named(name, NameOID.COMMON_NAME) else f"the authority {own}"


def where_to_get(name: x509.Name) -> str:
    own = generation(name)
    return f"Get {f'AppleWWDRCA{own}.cer' if re.fullmatch('G[2-9]', own) else 'it'} from apple.com/certificateauthority and give it together with the certificate."


def shown(text: str) -> str:
    """A stranger's text inside our sentence: printable, and not long."""
    clean = "".join(char for char in text if char.isprintable()).strip()
    return (clean[:60] + "...") if len(clean) > 60 else clean or "without a name"
