import pytest

from tests.codes.phonebook import reachable


@pytest.fixture(autouse=True)
def _reachable(request):
    """Every number can be written to, unless a test says otherwise."""
    if {"house", "luna"} & set(request.fixturenames):
        request.getfixturevalue("db" if "house" in request.fixturenames else "sqlite")
        with reachable():
            yield
    else:
        yield
