"""personalization.json: the form Wallet shows before a rewards card is made (Apple: "Personalize")."""

from walletpass.apple.inspection import shapes
from walletpass.apple.inspection.archive import PERSONALIZATION
from walletpass.apple.inspection.findings import Findings, ignored, refused
from walletpass.apple.inspection.jsontext import Object, read_object

SHAPE: shapes.Shape = {"description": "text", "requiredPersonalizationFields": "a list", "termsAndConditions": "text"}
FIELDS = tuple(f"PKPassPersonalizationField{kind}" for kind in ("Name", "PostalCode", "EmailAddress", "PhoneNumber"))


def check(files: dict[str, bytes], content: Object) -> Findings:
    if PERSONALIZATION not in files:
        return
    form = yield from read_object(PERSONALIZATION, files[PERSONALIZATION])
    if form is not None:
        asked = form.get("requiredPersonalizationFields")
        sound = isinstance(asked, list) and asked and all(field in FIELDS for field in asked)
        if not isinstance(form.get("description"), str) or not sound:
            known = ", ".join(FIELDS)
            yield refused(
                "personalization-incomplete", f"{PERSONALIZATION} needs description and requiredPersonalizationFields out of {known}."
            )
    lacking = [key for key in ("nfc", "webServiceURL", "authenticationToken") if key not in content]
    if lacking:
        yield ignored("personalization-without-nfc", f"{PERSONALIZATION} does nothing without {lacking[0]} in pass.json. Take it out.")
