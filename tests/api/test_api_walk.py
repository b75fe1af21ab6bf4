"""What the page tells an integrator to send does what it says."""

import json
import re
from html import unescape

from tests.api.till import post
from walletpass import errors
from walletpass.api.mount import INFO
from walletpass.api.walk import STEPS


def test_a_check_goes_as_the_page_says(client, bearer, luna):
    assert post(client, "earn", {"card": luna.ana.number, "amount": 10_000}, bearer).status_code == 200
    page = client.get("/api/docs").text
    commands = [unescape(found) for found in re.findall(r"<pre[^>]*><code>(.*?)</code>", page, re.DOTALL)]
    assert len(commands) == len(STEPS)
    told, held = {}, ""
    for command in commands:
        path, body = re.search(r"/api/v1/(\w+)", command)[1], re.search(r"-d '(.*)'", command, re.DOTALL)[1]
        body = json.loads(body.replace('"CARD"', f'"{luna.ana.number}"').replace('"HOLD"', f'"{held}"'))
        assert ("Idempotency-Key" in command) == (path != "quote")
        answer = post(client, path, body, bearer)
        assert answer.status_code == 200, (path, answer.get_json())
        told[path] = answer.get_json()
        held = told.get("hold", {}).get("hold", {}).get("id", "")
    assert (told["quote"]["most"], told["capture"]["entry"]["points"]) == (1_000, -500)
    assert told["earn"]["entry"]["points"] == 350
    assert (told["refund"]["money"], told["refund"]["points_back"]) == (1_225, 175)
    assert told["refund"]["balances"][0]["points"] == 500 + 350 + 175 - told["refund"]["points_taken"]


def test_every_code_of_a_refusal_is_explained():
    elsewhere = {"refused", "wrong_pin", "pin_locked"}
    codes = {one.code for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.Refusal)}
    assert codes - elsewhere <= set(re.findall(r"\w+", INFO.description))
