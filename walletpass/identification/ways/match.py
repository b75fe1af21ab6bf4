from walletpass.identification import carriers
from walletpass.identification.way import Asked, Identified, Strength

PREFIX = "match:"


class Match:
    """The plug-in for readers of faces and fingers.

    The reader is somebody else's, and so are its templates: none of them ever reaches us. It tells us a name of its own making for
    the person whom it saw, ``match:<name>``, which was bound to the card with the guest's explicit consent (kind ``match``).
    """

    name = "match"
    uses_up = False

    def reads(self, text: str) -> bool:
        return text.startswith(PREFIX) and bool(carriers.normal(text.removeprefix(PREFIX), "match"))

    def find(self, asked: Asked) -> Identified:
        name = asked.text.removeprefix(PREFIX)
        return Identified(carriers.opened(asked.session, asked.program.id, "match", name), self.name, Strength.SHOWN)
