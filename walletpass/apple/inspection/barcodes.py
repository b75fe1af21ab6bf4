"""The codes a till reads."""

import codecs
from collections.abc import Iterator

from walletpass.apple.inspection import shapes
from walletpass.apple.inspection.findings import Finding, Findings, advice, ignored, refused, said
from walletpass.apple.inspection.jsontext import Object

OLD = tuple(f"PKBarcodeFormat{kind}" for kind in ("QR", "PDF417", "Aztec", "Code128"))
NEW = tuple(f"PKBarcodeFormat{kind}" for kind in ("Code39", "Codabar", "EAN13", "I2of5"))
BARCODE: shapes.Shape = dict.fromkeys(("format", "message", "messageEncoding", "altText"), "text")
# Python knows codecs that are no character sets of IANA's, and some take long over long texts.
NO_CHARACTER_SETS = ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem", "charmap")


def check(content: Object) -> Findings:
    listed = content.get("barcodes")
    yield from shapes.all_objects("barcodes", listed)
    if isinstance(listed, list) and not listed:
        yield ignored("barcodes-empty", "pass.json: barcodes is empty. Leave it out, or put a barcode in.")
    if "barcode" in content and "barcodes" not in content:
        yield advice("barcode-deprecated", "pass.json: barcode is for iOS 8 and older. Write barcodes, a list, instead or as well.")
    for path, code in _codes(content):
        yield from shapes.keys(path, code, BARCODE)
        yield from _format(path, code)
        yield from _message(path, code)
    formats = [str(code.get("format")) for path, code in _codes(content) if path != "barcode"]
    if formats and set(formats) <= set(NEW):
        yield advice("barcode-new-format", f"pass.json: {said(formats[0])} needs iOS 27. Add a QR or Code128 after it for older phones.")


def _codes(content: Object) -> Iterator[tuple[str, Object]]:
    yield from shapes.objects(content, "barcodes")
    if isinstance(content.get("barcode"), dict):
        yield "barcode", content["barcode"]


def _format(path: str, code: Object) -> Findings:
    if code.get("format") not in OLD + NEW:
        known = ", ".join(OLD)
        yield refused("barcode-format-unknown", f"pass.json: {path}.format is {said(code.get('format'))}. Wallet draws {known}.")


def _message(path: str, code: Object) -> Findings:
    message, encoding = code.get("message"), code.get("messageEncoding")
    if message is None or message == "":
        yield refused("barcode-message-missing", f"pass.json: {path} has no message, the text inside the code.")
    if encoding is None or encoding == "":
        yield refused("barcode-encoding-missing", f"pass.json: {path} has no messageEncoding. Write iso-8859-1.")
    elif isinstance(encoding, str) and isinstance(message, str) and (finding := _unencodable(path, message, encoding)):
        yield finding


def _unencodable(path: str, message: str, encoding: str) -> Finding | None:
    try:
        known = codecs.lookup(encoding[:40])
        if known.name in NO_CHARACTER_SETS or not known._is_text_encoding:
            raise LookupError
        message[:10_000].encode(known.name)
    except UnicodeError:
        sentence = f"pass.json: {path}.message cannot be written in {said(encoding)}. Use plain letters and digits, or utf-8 if the scanners read it."
        return refused("barcode-not-encodable", sentence)
    except (LookupError, ValueError):
        return refused(
            "barcode-encoding-unknown", f"pass.json: {path}.messageEncoding {said(encoding)} is no character set. Write iso-8859-1."
        )
    return None
