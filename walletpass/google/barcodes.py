"""What a scanner reads on Google's card (Google: "Barcode", "RotatingBarcode")."""

from typing import Any

from walletpass.cards import CardFace
from walletpass.cards.rotation import OTP_DIGITS, STEP_SECONDS

Resource = dict[str, Any]

BARCODES = {"QR": "QR_CODE", "Aztec": "AZTEC", "PDF417": "PDF_417", "Code128": "CODE_128"}


def barcode(face: CardFace) -> Resource:
    """One code under its key: the one that changes where the card has a key for it, and then no other to fall back to."""
    if not face.rotation_key:
        return {"barcode": {"type": BARCODES[face.design.barcode], "value": face.scanned, "alternateText": face.number}}
    return {
        "rotatingBarcode": {
            "type": "QR_CODE",
            "valuePattern": f"{face.rotating_prefix}{{totp_value_0}}",
            "alternateText": face.number,
            "totpDetails": {
                "algorithm": "TOTP_SHA1",
                "periodMillis": str(STEP_SECONDS * 1000),
                "parameters": [{"key": face.rotation_key, "valueLength": OTP_DIGITS}],
            },
        }
    }
