from abc import abstractmethod

from sqlmodel import Session

from walletpass import database
from walletpass.programs.models import Program
from walletpass.programs.shelf import every, get
from walletpass.rounds import Rounds


class ProgramRounds(Rounds):
    """Goes round all restaurants, each in transactions of its own. Several processes may do it beside each other."""

    @abstractmethod
    def some(self, session: Session, program: Program) -> bool:
        """A part of the work in one restaurant; whether there may be more of it."""

    def round(self) -> None:
        with database.reading() as session:
            ids = [program.id for program in every(session)]
        for program_id in ids:
            while not self.stopping.is_set() and self._part(program_id):
                pass

    def _part(self, program_id: str) -> bool:
        def work() -> bool:
            with database.transaction() as session:
                return self.some(session, get(session, program_id))

        return database.retrying(work)
