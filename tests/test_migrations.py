"""The shape of the database, from nothing to now and back."""

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

from tests.cast import issue_ticket, open_house
from tests.conftest import POSTGRESQL
from tests.ledger.book import earn, faults
from walletpass import cards, database
from walletpass.errors import ConfigurationError
from walletpass.migrations import schema


@pytest.fixture(params=["sqlite", "postgresql"])
def nothing(request, tmp_path, settings_for, worker_id_):
    """An empty database, bound."""
    if request.param == "sqlite":
        database.bind(settings_for(f"sqlite:///{tmp_path / 'new.sqlite'}").database_url)
        yield
        database.engine().dispose()
        return
    request.getfixturevalue("postgresql_url")
    name = f"walletpass_migration_{worker_id_}_{database.new_id()}"
    server = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    database.bind(settings_for(f"{POSTGRESQL}{name}").database_url)
    yield
    database.engine().dispose()
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


def tables():
    return set(inspect(database.engine()).get_table_names()) - {"alembic_version"}


@pytest.mark.usefixtures("nothing")
def test_an_empty_database_is_refused_with_the_command_that_mends_it():
    assert schema.revision() is None
    with pytest.raises(ConfigurationError, match="walletpass db upgrade"):
        schema.must_be_current()


@pytest.mark.usefixtures("nothing")
def test_an_upgrade_from_nothing_makes_what_the_models_say():
    schema.upgrade()
    schema.must_be_current()
    assert schema.revision() == schema.newest()
    assert tables() == set(SQLModel.metadata.tables)
    command.check(schema.config())


@pytest.mark.usefixtures("nothing")
def test_an_upgrade_done_twice_keeps_what_is_there():
    schema.upgrade()
    house = open_house()
    earn(house)
    schema.upgrade()
    assert faults(house) == []


@pytest.mark.usefixtures("nothing")
def test_down_to_nothing_and_up_again():
    schema.upgrade()
    earn(open_house())
    command.downgrade(schema.config(), "base")
    assert tables() == set()
    assert schema.revision() is None
    schema.upgrade()
    command.check(schema.config())
    assert faults(open_house()) == []


@pytest.mark.usefixtures("nothing")
def test_a_step_back_from_coat_tickets_takes_them_along_and_leaves_the_cards():
    schema.upgrade()
    house = open_house()
    earn(house)
    ticket = issue_ticket(house, coat="A17")
    with database.transaction() as session:
        cards.put_on(session, cards.get(session, house.id, ticket.id), "apple", seen=0)
    command.downgrade(schema.config(), "0013")
    with database.engine().connect() as connection:
        assert connection.execute(text("SELECT id FROM card")).scalars().all() == [house.ana.id]
    schema.upgrade()
    command.check(schema.config())
    assert faults(house) == []


def test_a_table_made_anew_on_sqlite_leaves_no_row_without_its_parent(tmp_path, settings_for):
    database.bind(settings_for(f"sqlite:///{tmp_path / 'torn.sqlite'}").database_url)
    schema.upgrade("0013")
    with database.engine().connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("INSERT INTO update_tag (program_id, value) VALUES ('nobody', 1)")
        connection.commit()
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
    with pytest.raises(RuntimeError, match="A row of update_tag points to one of program that is not there"):
        schema.upgrade()
    assert schema.revision() == "0013"
    with database.engine().connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.engine().dispose()
