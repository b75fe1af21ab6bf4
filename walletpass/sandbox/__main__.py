"""``python -m walletpass.sandbox``: the options come as JSON in the first line of standard input.

It ends when that input does: whoever started it holds the other end, so it never outlives them.
"""

import json
import os
import sys
import threading

from walletpass import sandbox


def end_with_starter() -> None:
    # Not through sys.stdin: a thread waiting in there would keep the interpreter from ending.
    while os.read(0, 1024):
        pass
    os._exit(0)


options = sandbox.Options(**json.loads(sys.stdin.readline()))
threading.Thread(target=end_with_starter, daemon=True, name="starter-watch").start()
sandbox.run(options)
