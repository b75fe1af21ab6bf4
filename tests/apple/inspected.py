"""Passes for the inspection, made with openssl and Python's zipfile, that is without our package and our signer."""

import copy
import hashlib
import io
import json
import subprocess
import warnings
import zipfile
from datetime import UTC, datetime

from cryptography import x509
from cryptography.x509 import UnrecognizedExtension
from cryptography.x509.oid import ObjectIdentifier
from PIL import Image

from walletpass.apple import inspection

MARKER = ObjectIdentifier("1.2.840.113635.100.6.1.16")
TYPE, TEAM = "pass.example.luna", "LUNA000001"
ENGLISH = '/* Luna */\n"lbl_points" = "Points";\n"chg_points" = "You have %@ \\"points\\"";\n'
UKRAINIAN = '"lbl_points" = "Бали";\n"chg_points" = "Маєте %@ балів";\n'
CONTENT = {
    "formatVersion": 1,
    "passTypeIdentifier": TYPE,
    "teamIdentifier": TEAM,
    "serialNumber": "card-1",
    "organizationName": "Trattoria Luna",
    "description": "Loyalty card",
    "backgroundColor": "rgb(122, 52, 38)",
    "webServiceURL": "https://cards.example.com/apple",
    "authenticationToken": "a-token-that-is-long-enough",
    "barcodes": [{"format": "PKBarcodeFormatQR", "message": "10031844", "messageEncoding": "iso-8859-1", "altText": "1003 1844"}],
    "locations": [{"latitude": 52.5, "longitude": 13.4, "relevantText": "Luna"}],
    "storeCard": {
        "headerFields": [{"key": "points", "label": "lbl_points", "value": 120, "changeMessage": "chg_points"}],
        "secondaryFields": [{"key": "holder", "label": "Guest", "value": "Ana"}],
        "backFields": [{"key": "phone", "label": "Phone", "value": "+49 30 123456", "dataDetectorTypes": []}],
    },
}


def png(width, height, mode="P", **options):
    data = io.BytesIO()
    Image.new(mode, (width, height), 3 if mode == "P" else None).save(data, options.pop("format", "PNG"), **options)
    return data.getvalue()


def pictures(kind, width, height):
    scales = ((1, ""), (2, "@2x"), (3, "@3x"))
    return {f"{kind}{suffix}.png": png(width * scale, height * scale) for scale, suffix in scales}


ICONS = pictures("icon", 38, 38)


def marker(pass_type=TYPE):
    text = pass_type.encode()
    return UnrecognizedExtension(MARKER, b"\x0c" + bytes([len(text)]) + text)


def rules(report):
    return [finding.rule for finding in report.everything]


def refusals(report):
    return [finding.rule for finding in report.everything if finding.severity == "refused"]


class Maker:
    """Makes a pass without fault; every argument is a way to spoil it."""

    def __init__(self, folder, chain):
        self.folder, self.chain = folder, chain
        self.root = chain.root.certificate
        self.write("pass", chain.wwdr.leaf(chain.subject(), chain.key, extensions=(marker(),)), chain.key)
        self.write("wwdr", chain.wwdr.certificate)

    def write(self, name, certificate, key=None):
        (self.folder / f"{name}.pem").write_bytes(self.chain.pem(certificate))
        if key:
            (self.folder / f"{name}.key").write_bytes(self.chain.pem(key))
        return name

    def content(self, style="storeCard", **changes):
        content = copy.deepcopy(CONTENT)
        if style != "storeCard":
            content[style] = content.pop("storeCard")
        content.update(changes)
        return {key: value for key, value in content.items() if value is not ...}

    def files(self, content=None, **more):
        content = self.content() if content is None else content
        files = {
            "pass.json": content if isinstance(content, bytes) else json.dumps(content).encode(),
            "en.lproj/pass.strings": ENGLISH.encode("utf-16"),
            "uk.lproj/pass.strings": UKRAINIAN.encode(),
            **ICONS,
            **more,
        }
        return {name: data for name, data in files.items() if data is not ...}

    def manifest(self, files):
        return json.dumps({name: hashlib.sha1(data, usedforsecurity=False).hexdigest() for name, data in files.items()}, indent=1).encode()

    def sign(self, manifest, *options, signer="pass", key=None, certfile="wwdr", form="DER", binary=True):
        command = ["openssl", "smime", "-sign", "-outform", form, "-signer", f"{signer}.pem", "-inkey", f"{key or signer}.key"]
        command += ["-binary"] if binary else []
        command += ["-certfile", f"{certfile}.pem"] if certfile else []
        return subprocess.run([*command, *options], cwd=self.folder, input=manifest, check=True, capture_output=True, timeout=20).stdout

    def pack(self, files, *, manifest=None, signature=None, **signing):
        manifest = self.manifest(files) if manifest is None else manifest
        signature = self.sign(manifest, **signing) if signature is None else signature
        return zipped({**files, "manifest.json": manifest, "signature": signature})

    def make(self, content=None, **more):
        return self.pack(self.files(content, **more))

    def inspect(self, data, *, roots=None, now=None):
        return inspection.inspect(data, trusted_roots=[self.root] if roots is None else roots, now=now or datetime.now(UTC))

    def found(self, data, **how):
        return rules(self.inspect(data, **how))


def zipped(files):
    """``files`` maps names, or ZipInfos, to bytes; a list of pairs may have a name twice."""
    data = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # Python warns of a name that is there twice
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content)
    return data.getvalue()


def certificate(data):
    return x509.load_pem_x509_certificate(data)
