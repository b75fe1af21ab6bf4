"""What `docs/webhooks.md` tells receivers to do works as it stands there."""

import json
import re
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from tests.cast import make_app
from walletpass import checks, database, signatures, staff

TEXT = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text("utf-8")
SECRET, OTHER, BODY = "whsec_one", "whsec_two", b'{"name": "\xd0\xb0"}'


def snippet(language, name):
    (found,) = [text for text in re.findall(rf"```{language}\n(.*?)```", TEXT, re.S) if name in text]
    return found


def cases():
    """A header, whether it fits, and why."""
    at = int(time.time())
    good = signatures.sign([SECRET], BODY, at)
    return [
        (good, True),
        (signatures.sign([OTHER, SECRET], BODY, at), True),
        (signatures.sign([OTHER], BODY, at), False),
        (signatures.sign([SECRET], BODY + b" ", at), False),
        (signatures.sign([SECRET], BODY, at - 400), False),
        (good.replace(f"t={at}", f"t={at + 1}"), False),
        (f"t={at},v1=00", False),
    ]


def test_the_python_that_receivers_are_given_tells_right_from_wrong():
    names = {}
    exec(snippet("python", "def fits"), names)  # noqa: S102 (our own text)
    for header, expected in cases():
        assert names["fits"](SECRET, header, BODY) is expected, header


def test_the_javascript_that_receivers_are_given_tells_right_from_wrong(tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node")
    given = cases()
    lines = [snippet("js", "fits"), f"const body = Buffer.from({BODY.hex()!r}, 'hex');"]
    lines += [f"console.log(fits({SECRET!r}, {header!r}, body));" for header, _ in given]
    script = tmp_path / "fits.mjs"
    script.write_text("\n".join(lines), "utf-8")
    said = subprocess.run([node, script], capture_output=True, text=True, timeout=60, check=True).stdout.split()
    assert [json.loads(word) for word in said] == [expected for _, expected in given]


def test_the_python_that_a_point_of_sale_is_given_opens_a_check(luna):
    with database.transaction() as session:
        source, secret = staff.add_source(session, luna.id, "POS")
    server = make_server("127.0.0.1", 0, make_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        names = {}
        exec(snippet("python", "def tell"), names)  # noqa: S102 (our own text)
        for _ in range(2):
            names["tell"](
                f"http://127.0.0.1:{server.port}",
                f"{luna.id}/{source.id}",
                secret,
                {"id": "e1", "type": "check.opened", "check_id": "T1-7"},
            )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    with database.reading() as session:
        assert checks.get(session, luna.id, "T1-7").state == "open"
