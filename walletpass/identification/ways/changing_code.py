from walletpass import cards
from walletpass.identification.way import Asked, Identified, Strength


class ChangingCode:
    """The code that changes every half minute and is good once: see `cards.rotation`."""

    name = "changing_code"
    uses_up = True

    def reads(self, text: str) -> bool:
        return cards.rotation.is_changing_code(text)

    def find(self, asked: Asked) -> Identified:
        session, program_id = asked.session, asked.program.id
        # Before the digits are looked at: a right guess among too many wrong ones is refused as well.
        asked.knock(self.name, cards.rotation.named(session, program_id, asked.text).id)
        return Identified(cards.find_by_code(session, program_id, asked.text), self.name, Strength.PROVED)
