"""Other ways to make the same pass in Python: the naive one, and libraries from PyPI as their documentation shows them.

Each factory takes a `Sample` and gives a function that makes the pass of card ``number`` and returns its bytes. Images and strings
are in memory; what is a card's own changes from pass to pass.
"""

import copy
import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from benchmarks.luna import PASS_TYPE, TEAM
from walletpass.apple.certificates import SigningIdentity

Make = Callable[[int], bytes]
SLOTS = ("headerFields", "primaryFields", "secondaryFields", "auxiliaryFields", "backFields")


@dataclass(frozen=True)
class Sample:
    """One of our passes, unpacked: what it says, and its images and strings by name."""

    content: dict[str, Any]
    files: dict[str, bytes]
    identity: SigningIdentity
    certs: Path

    def of(self, number: int) -> dict[str, Any]:
        content = copy.copy(self.content)
        content["storeCard"] = {**content["storeCard"], "headerFields": [{**content["storeCard"]["headerFields"][0], "value": number}]}
        content["serialNumber"], content["authenticationToken"] = f"serial{number:020}", f"token{number:038}"
        content["barcodes"] = [{**content["barcodes"][0], "message": f"{number:057}"}]
        return content


def naive(sample: Sample) -> Make:
    """An afternoon's work with cryptography and zipfile, the key parsed once."""
    leaf, key, intermediate = sample.identity.leaf, sample.identity.key, sample.identity.intermediate

    def make(number: int) -> bytes:
        files = {"pass.json": json.dumps(sample.of(number)).encode(), **sample.files}
        hashed = {name: hashlib.sha1(data, usedforsecurity=False).hexdigest() for name, data in files.items()}
        files["manifest.json"] = json.dumps(hashed).encode()
        builder = PKCS7SignatureBuilder().set_data(files["manifest.json"]).add_signer(leaf, key, hashes.SHA256())
        options = [PKCS7Options.DetachedSignature, PKCS7Options.Binary]
        files["signature"] = builder.add_certificate(intermediate).sign(serialization.Encoding.DER, options)
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return out.getvalue()

    return make


def py_pkpass(sample: Sample) -> Make:
    from py_pkpass import models

    return _passbook(sample, models)


def wallet_py3k(sample: Sample) -> Make:
    from wallet import models

    return _passbook(sample, models)


def edutap(sample: Sample) -> Make:
    from edutap.wallet_apple import api

    pems = [(sample.certs / name).read_bytes() for name in ("pass.key", "pass.pem", "wwdr.pem")]

    def make(number: int) -> bytes:
        made = api.new(data=sample.of(number))
        made.files.update(sample.files)
        made.sign_direct(*pems)
        return bytes(api.pkpass(made).read())

    return make


def _passbook(sample: Sample, models: Any) -> Make:
    """Two libraries of one descent, and one interface."""
    key, leaf, intermediate = (str(sample.certs / name) for name in ("pass.key", "pass.pem", "wwdr.pem"))

    def make(number: int) -> bytes:
        content = sample.of(number)
        card = models.StoreCard()
        for slot in SLOTS:
            fields = [models.Field(field["key"], field["value"], field.get("label", "")) for field in content["storeCard"].get(slot, ())]
            setattr(card, slot, fields)
        made = models.Pass(card, passTypeIdentifier=PASS_TYPE, teamIdentifier=TEAM, organizationName=content["organizationName"])
        for name in ("serialNumber", "description", "backgroundColor", "foregroundColor", "labelColor", "logoText", "locations"):
            setattr(made, name, content.get(name))
        made.webServiceURL, made.authenticationToken = content["webServiceURL"], content["authenticationToken"]
        code = content["barcodes"][0]
        made.barcode = models.Barcode(code["message"], code["format"], code.get("altText", ""))
        for name, data in sample.files.items():
            made.addFile(name, BytesIO(data))
        return bytes(made.create(leaf, key, intermediate, "").getvalue())

    return make
