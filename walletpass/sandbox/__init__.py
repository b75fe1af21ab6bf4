"""An outside world on one machine: two phones, an APNs, a Google Wallet, an SMS gateway and a mail server, for the demo and the tests.

The sandbox is a process of its own beside the server, reachable over loopback only. The server does not know it: settings
point at it as they would point at Apple and Google, and it believes nothing but the certificates of its own chain.

    chain.prepare(...)          credentials: an Apple-like authority, pass certificates, an APNs server, a Google account
    run(options)                serve until interrupted
    start_in_thread(options)    the same inside a test; returns a Sandbox to stop

Its page (``GET /``) shows both phones live. Scripts and tests use the same port:

    GET  /state                       everything, as JSON; ``?since=<revision>&wait=<seconds>`` answers at the next change
    GET  /events                      the same as server-sent events, one ``state`` event per change
    GET  /faults   PUT|POST /faults   {"apns": "ok|410|503|off", "google": "ok|503|off", "iphone": "on|off", "android": "on|off"}
                                      apns and google also take any answer of theirs, {"apns": "429 TooManyRequests"}, or a script that
                                      is played once, {"google": [{"status": 503, "reason": "backendError", "times": 2}, ...]}; 200 lets
                                      one pass, and Google's "200 lost" does the work and drops the line. faults.py has every answer,
                                      switch ("google_mode": "demo", "google_rate": "strict", "google_calls": "twice") and knob
                                      ("apns_drop": 10, "google_delay": 500, "android_lag": 30); 0 turns a knob off
    POST /language                    {"language": "en|uk|ru"}, both phones
    POST /iphone/open                 {"url"}: fetch a pass as Safari would; the answer has the sheet or the sentence why not
    POST /iphone/add | cancel         the sheet's two buttons; add registers with the pass's web service
    POST /iphone/delete               {"serial"}
    POST /iphone/refresh              what pulling down on the back of a pass does, for all passes
    POST /iphone/dismiss              wipe the banners away; /android/dismiss the same
    GET  /iphone/passes/<serial>/barcode.png|barcode.svg   ?scale=<pixels per module>
    GET  /iphone/passes/<serial>/images/<name>
    GET  /apns/pushes                 every push received, with the answer it got
    POST /android/open                {"url"}: a save link, or an address that leads to one
    POST /android/add | cancel
    POST /android/delete              {"id"}; may be left out while there is one card
    GET  /android/cards/<id>/barcode.png|barcode.svg
    GET  /android/cards/<id>/code     what the barcode says, and until when
    *    /walletobjects/v1/...        the Wallet REST API      POST /google/token   OAuth      /gp/v/save/<jwt>   the save page
    GET  /google/keys                 the root keys of Google's calls, which go to callbackOptions.url when a card is saved or removed
    GET  /google/calls                every call made, with the answer it got
    POST /google/call                 {"id", "event": "save|del", "forged": "bad chain"}: one call now; googlecalls.py has the nine forgeries
    POST /sms/<number>                {"message": "..."}: an SMS for a phone; mail comes by SMTP, on the port that /state names
    GET  /inbox                       every SMS and mail, oldest first; ?to=<number or mailbox>; POST /inbox/forget
    GET  /google/requests             how many came, the most in any second, and the wrong ones; POST /google/requests/forget

A refusal is ``{"error": "<sentence>"}`` with a 4xx status; writes take JSON. A push token that got a 410 is dead for good: the
iPhone registers again, with a new one, as soon as APNs is switched to ok.
"""

from walletpass.sandbox.options import Options
from walletpass.sandbox.world import Sandbox, run, start_in_thread

__all__ = ["Options", "Sandbox", "run", "start_in_thread"]
