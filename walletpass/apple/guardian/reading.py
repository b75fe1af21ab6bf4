"""What stands in the files that came back from Apple, by their content: names and endings are believed by nobody."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePath

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key, pkcs7, pkcs12

from walletpass.apple.guardian import work
from walletpass.apple.guardian.kinds import shown

LARGEST, MANY = 256 * 1024, 20
BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----.*?-----END \1-----", re.DOTALL)
NOT_READ = (ValueError, TypeError, UnsupportedAlgorithm, OverflowError)
TRANSPORT_KEY = (
    "{name} is a key for tokens (.p8): it can send push notifications, but passes are signed only with a Pass Type ID certificate and "
    "the key of its request. Leave it out."
)
SNIFFED: tuple[tuple[bytes, str], ...] = (
    (rb"PK\x03\x04", "is a zip archive or a pass, not a certificate. Unpack it and give the files inside."),
    (rb"\s*<(!doctype html|html)", "is a web page, not a certificate: the download wanted a sign-in. Download it again from developer.apple.com."),
    (rb'\s*\{[^{}]*"type"\s*:\s*"service_account"', "is Google's service account key. It belongs to the folder of the certificates as google.json."),
    (rb"\s*(ssh-|ecdsa-)", "is a public SSH key, not a certificate."),
    (rb"bplist00|\s*<\?xml", "is a property list, not a certificate."),
)  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """One file, as somebody brought it."""

    name: str
    data: bytes = field(repr=False)

    @property
    def called(self) -> str:
        return shown(PurePath(self.name.replace("\\", "/")).name)


@dataclass
class Found:
    """Certificates and keys with the name of their file, and a sentence for each thing that is neither."""

    certificates: list[tuple[str, x509.Certificate]] = field(default_factory=list)
    keys: list[tuple[str, rsa.RSAPrivateKey]] = field(default_factory=list, repr=False)
    faults: list[str] = field(default_factory=list)

    def certificate(self, name: str, made: x509.Certificate) -> None:
        if not _is_whole(made):
            self.faults.append(f"{name} holds a certificate that cannot be read; it is damaged.")
        elif made not in (known for _, known in self.certificates):
            self.certificates.append((name, made))

    def key(self, name: str, made: object) -> None:
        if isinstance(made, rsa.RSAPrivateKey):
            self.keys.append((name, made))
        elif isinstance(made, ec.EllipticCurvePrivateKey):
            self.faults.append(TRANSPORT_KEY.format(name=name))
        else:
            self.faults.append(f"{name} holds a private key that is not RSA, the only kind Apple takes for passes.")


def read(offers: Sequence[Offer], password: str = "") -> Found:
    """Everything in the files. The password is tried on whatever is locked."""
    found = Found()
    secret = password.encode("utf-8", "surrogatepass") or None
    if not offers:
        found.faults.append("No file was given. Bring the pass.cer that Apple's portal made.")
    if len(offers) > MANY:
        found.faults.append(f"These are {len(offers)} files; {MANY} at once are enough.")
        return found
    if "\0" in password:
        found.faults.append("The password holds a character that no keyboard writes.")
        return found
    for offer in offers:
        try:
            _read(found, offer, secret)
        except BaseException as error:
            # A panic inside cryptography is no Exception, and a stranger's file must not end the thread.
            if type(error).__name__ != "PanicException":
                raise
            found.faults.append(f"{offer.called} is damaged.")
    return found


def holds_a_key(offer: Offer) -> bool:
    """Whether somebody who may read the file may have the key, with or without a password."""
    data = offer.data
    return b"PRIVATE KEY-----" in data or (data[:1] == b"\x30" and (work.is_pkcs12(data) or work.is_key(data)))


def _is_whole(made: x509.Certificate) -> bool:
    """A certificate is parsed when its parts are asked for; afterwards nobody has to expect a fault."""
    try:
        return bool(made.subject and made.issuer and made.public_key() and made.extensions is not None and made.not_valid_after_utc)
    except (*NOT_READ, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False


def _read(found: Found, offer: Offer, secret: bytes | None) -> None:
    name, data = offer.called, offer.data
    if not data.strip():
        found.faults.append(f"{name} is empty.")
    elif len(data) > LARGEST:
        found.faults.append(f"{name} is larger than any certificate ({LARGEST // 1024} kB).")
    elif b"<plist" in data and (b"ProvisionedDevices" in data or b"application-identifier" in data or b"AppIDName" in data):
        found.faults.append(
            f"{name} is a provisioning profile: it belongs to an app. Passes need a Pass Type ID certificate (pass.cer) from Certificates in Apple's portal."
        )
    elif b"-----BEGIN " in data:
        _blocks(found, name, data, secret)
    elif data[:1] == b"\x30":
        _binary(found, name, data, secret)
    else:
        found.faults.append(f"{name} {_sniffed(data)}")


def _sniffed(data: bytes) -> str:
    for pattern, words in SNIFFED:
        if re.match(pattern, data[:2_000], re.IGNORECASE):
            return words
    return "is not a certificate, a key or a .p12 file."


def _blocks(found: Found, name: str, data: bytes, secret: bytes | None) -> None:
    if data.count(b"-----BEGIN ") > 2 * MANY:
        found.faults.append(f"{name} holds far more certificates and keys than belong to a pass.")
        return
    blocks = list(BLOCK.finditer(data))
    if not blocks:
        found.faults.append(f"{name} begins like a certificate or key in PEM form and does not end: it was cut off.")
    for block in blocks:
        label, text = block[1].decode(), block[0] + b"\n"
        if label.endswith("PRIVATE KEY") and label != "OPENSSH PRIVATE KEY":
            _locked_key(found, name, partial(load_pem_private_key, text), secret, work.too_much_in_pem(text))
        elif label in ("CERTIFICATE", "X509 CERTIFICATE"):
            try:
                found.certificate(name, x509.load_pem_x509_certificate(text))
            except NOT_READ:
                found.faults.append(f"{name} holds a certificate that cannot be read; it is damaged.")
        elif label in ("PKCS7", "CMS"):
            _several(found, name, partial(pkcs7.load_pem_pkcs7_certificates, text.replace(b"CMS-----", b"PKCS7-----")))
        else:
            found.faults.append(f"{name} {_labelled(label)}")


def _labelled(label: str) -> str:
    if label.endswith("CERTIFICATE REQUEST"):
        return "is a signing request. Upload it in Apple's portal, and bring the pass.cer that is made from it."
    if label.endswith("PUBLIC KEY"):
        return "is a public key. The certificate (pass.cer) is needed, and the private key when it was not made here."
    if label == "OPENSSH PRIVATE KEY":
        return "is an SSH key; Apple knows nothing of it."
    return f"holds a {shown(label.lower())}, which is neither a certificate nor a key."


def _binary(found: Found, name: str, data: bytes, secret: bytes | None) -> None:
    try:
        found.certificate(name, x509.load_der_x509_certificate(data))
    except NOT_READ:
        if work.is_pkcs12(data):
            _pkcs12(found, name, data, secret)
        elif work.is_signed_data(data):
            _several(found, name, partial(pkcs7.load_der_pkcs7_certificates, data))
        elif _is_request(data):
            found.faults.append(f"{name} {_labelled('CERTIFICATE REQUEST')}")
        elif work.is_key(data):
            _locked_key(found, name, partial(load_der_private_key, data), secret, work.too_much(data))
        else:
            found.faults.append(f"{name} is not a certificate, a key or a .p12 file; or it is damaged or was cut off.")


def _is_request(data: bytes) -> bool:
    try:
        x509.load_der_x509_csr(data)
    except NOT_READ:
        return False
    return True


def _several(found: Found, name: str, load: Callable[[], Iterable[x509.Certificate]]) -> None:
    try:
        for made in load():
            found.certificate(name, made)
    except NOT_READ:
        found.faults.append(f"{name} is signed data of another kind, not a bundle of certificates.")


def _locked_key(found: Found, name: str, load: Callable[[bytes | None], object], secret: bytes | None, too_much: bool) -> None:
    if too_much:
        found.faults.append(_too_hard(name))
        return
    try:
        found.key(name, load(None))
    except TypeError:
        _unlocked_key(found, name, load, secret)
    except NOT_READ:
        found.faults.append(f"{name} holds a private key that cannot be read; it is damaged.")


def _unlocked_key(found: Found, name: str, load: Callable[[bytes | None], object], secret: bytes | None) -> None:
    if secret is None:
        found.faults.append(_no_password(name))
        return
    try:
        found.key(name, load(secret))
    except NOT_READ:
        found.faults.append(_wrong_password(name))


def _pkcs12(found: Found, name: str, data: bytes, secret: bytes | None) -> None:
    if work.too_much(data):
        found.faults.append(_too_hard(name))
        return
    for attempt in (secret, None, b"") if secret else (None, b""):
        try:
            bundle = pkcs12.load_pkcs12(data, attempt)
        except NOT_READ:
            continue
        if bundle.key is not None:
            found.key(name, bundle.key)
        for part in (bundle.cert, *bundle.additional_certs):
            if part is not None:
                found.certificate(name, part.certificate)
        if bundle.key is None and bundle.cert is None and not bundle.additional_certs:
            found.faults.append(f"{name} is an empty .p12 file: nothing was chosen when it was exported.")
        return
    found.faults.append(_wrong_password(name) if secret else _no_password(name))


def _no_password(name: str) -> str:
    return f"{name} is protected by a password. Give the password too: the one it was exported with."


def _wrong_password(name: str) -> str:
    return f"The password does not open {name}; or the file is damaged."


def _too_hard(name: str) -> str:
    return f"{name} asks for far more work to open than any program would want. Export it again."
