from typing import ClassVar

from walletpass.codes.sending import sweep
from walletpass.database import transaction
from walletpass.rounds import Rounds


class Broom(Rounds):
    name: ClassVar[str] = "codes"
    every: ClassVar[float] = 3600.0

    def round(self) -> None:
        with transaction() as session:
            sweep(session)
