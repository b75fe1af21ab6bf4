"""The page with the two phones, and the same controls for scripts (listed in the docstring of the package)."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, render_template, request

from walletpass.config import is_loopback
from walletpass.sandbox import barcode, google
from walletpass.sandbox.android import Nothing
from walletpass.sandbox.browser import PASS_TYPE
from walletpass.sandbox.faults import BadSwitch
from walletpass.sandbox.googlecalls import FORGERIES, REMOVED, SAVED
from walletpass.sandbox.googlelinks import CannotSave
from walletpass.sandbox.googlestore import Missing
from walletpass.sandbox.iphone import NoSuchThing
from walletpass.sandbox.wire import Unreachable

if TYPE_CHECKING:
    from walletpass.sandbox.world import Sandbox

Answer = Response | tuple[Response, int]
PING = 15.0  # seconds between two signs of life on /events


def create(sandbox: "Sandbox") -> Flask:
    app = Flask(__name__, static_folder="static", template_folder="templates")
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = 5 * 1024 * 1024
    app.before_request(_only_this_machine)
    _errors(app)
    _world(app, sandbox)
    _iphone(app, sandbox)
    _android(app, sandbox)
    _google(app, sandbox)
    _messages(app, sandbox)
    app.register_blueprint(google.blueprint(sandbox))
    return app


def _only_this_machine() -> Answer | None:
    """No other site in the same browser may play with the phones: our own name in Host, our own page in Origin."""
    if not is_loopback(request.host.rsplit(":", 1)[0].strip("[]")):
        return _sentence("The sandbox answers on this machine only.", 403)
    origin = request.headers.get("Origin")
    if request.method not in ("GET", "HEAD") and origin and origin != f"http://{request.host}":
        return _sentence("Only the sandbox's own page may do that.", 403)
    return None


def _errors(app: Flask) -> None:
    for kind, status in ((BadSwitch, 400), (NoSuchThing, 404), (Nothing, 404), (Unreachable, 502), (Missing, 404), (CannotSave, 422)):
        app.register_error_handler(kind, lambda problem, status=status: _sentence(str(problem), status))


def _sentence(text: str, status: int) -> tuple[Response, int]:
    return jsonify(error=text), status


def _wanted(name: str) -> str:
    """A text from the JSON body, or a sentence."""
    value = _body().get(name)
    if not isinstance(value, str) or not value:
        raise BadSwitch(f'Send {{"{name}": "..."}}.')
    return value


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    return body if isinstance(body, dict) else {}


def _world(app: Flask, sandbox: "Sandbox") -> None:
    @app.get("/")
    def page() -> str:
        return render_template("phone.html", state=sandbox.state())

    @app.get("/state")
    def state() -> Answer:
        if wait := request.args.get("wait", 0.0, type=float):
            sandbox.board.wait(request.args.get("since", -1, type=int), min(wait, 60.0))
        return jsonify(sandbox.state())

    @app.get("/events")
    def events() -> Response:
        def stream() -> Iterator[str]:
            seen = -1
            while not sandbox.board.closed:
                revision = sandbox.board.wait(seen, PING)
                yield f"id: {revision}\nevent: state\ndata: {json.dumps(sandbox.state())}\n\n" if revision > seen else ": still here\n\n"
                seen = revision

        return Response(stream(), content_type="text/event-stream", headers={"Cache-Control": "no-store"})

    @app.get("/faults")
    def faults() -> Answer:
        return jsonify(sandbox.faults.all())

    @app.route("/faults", methods=["PUT", "POST"])
    def turn() -> Answer:
        if not _body():
            raise BadSwitch('Send a switch and its position, such as {"apns": "410"}.')
        sandbox.faults.turn(_body())
        return jsonify(sandbox.faults.all())

    @app.post("/language")
    def language() -> Answer:
        sandbox.speak(_wanted("language"))
        return jsonify(language=sandbox.language)

    @app.get("/apns/pushes")
    def pushes() -> Answer:
        return jsonify(pushes=sandbox.apns.pushes())


def _iphone(app: Flask, sandbox: "Sandbox") -> None:
    phone = sandbox.iphone

    @app.post("/iphone/open")
    def open_on_iphone() -> Answer:
        landed = sandbox.iphone_browser.go(_wanted("url"))
        if landed.reply.content_type != PASS_TYPE or landed.reply.status != 200:
            return _sentence(f"That address answered {landed.reply.status} {landed.reply.content_type or 'nothing'}, not a pass.", 422)
        sheet = phone.receive(landed.reply.body)
        return _sentence(sheet.error, 422) if sheet.error else jsonify(phone.state()["sheet"])

    @app.post("/iphone/add")
    def add_to_iphone() -> Answer:
        return jsonify(phone.add().state(sandbox.language))

    @app.post("/iphone/cancel")
    def cancel_on_iphone() -> Answer:
        phone.cancel()
        return jsonify(phone.state())

    @app.post("/iphone/delete")
    def delete_on_iphone() -> Answer:
        phone.delete(_wanted("serial"))
        return jsonify(phone.state())

    @app.post("/iphone/refresh")
    def refresh_on_iphone() -> Answer:
        phone.refresh()
        return jsonify(phone.state())

    @app.post("/iphone/dismiss")
    def dismiss_on_iphone() -> Answer:
        phone.dismiss_banners()
        return jsonify(phone.state())

    @app.get("/iphone/passes/<serial>/barcode.<kind>")
    def iphone_barcode(serial: str, kind: str) -> Answer:
        return _barcode(phone.message(serial), kind)

    @app.get("/iphone/passes/<serial>/images/<path:name>")
    def iphone_image(serial: str, name: str) -> Answer:
        return _picture(phone.file(serial, name))


def _android(app: Flask, sandbox: "Sandbox") -> None:
    phone = sandbox.android

    @app.post("/android/open")
    def open_on_android() -> Answer:
        browser = sandbox.android_browser
        landed = browser.go(_wanted("url"))
        if not browser.is_save_link(landed.url):
            return _sentence(
                f"That address answered {landed.reply.status} {landed.reply.content_type or 'nothing'} and leads to no save link.", 422
            )
        try:
            phone.offer(google.offered(sandbox, landed.url.rpartition("/")[2]))
        except CannotSave as problem:
            phone.refuse(str(problem))
            raise
        return jsonify(phone.state()["sheet"])

    @app.post("/android/add")
    def add_to_android() -> Answer:
        return jsonify(added=phone.add())

    @app.post("/android/cancel")
    def cancel_on_android() -> Answer:
        phone.cancel()
        return jsonify(phone.state())

    @app.post("/android/delete")
    def delete_on_android() -> Answer:
        phone.delete(str(_body().get("id", "")))
        return jsonify(phone.state())

    @app.post("/android/dismiss")
    def dismiss_on_android() -> Answer:
        phone.dismiss_notices()
        return jsonify(phone.state())

    @app.get("/android/cards/<id>/code")
    def android_code(id: str) -> Answer:
        return jsonify(phone.code(id))

    @app.get("/android/cards/<id>/barcode.<kind>")
    def android_barcode(id: str, kind: str) -> Answer:
        code = phone.code(id)
        return _barcode(code["message"], kind, code["type"])


def _google(app: Flask, sandbox: "Sandbox") -> None:
    @app.get("/google/requests")
    def google_requests() -> Answer:
        return jsonify(sandbox.rate.state())

    @app.post("/google/requests/forget")
    def forget_requests() -> Answer:
        sandbox.rate.forget()
        return jsonify(sandbox.rate.state())

    @app.get("/google/calls")
    def google_calls() -> Answer:
        return jsonify(sandbox.caller.state())

    @app.post("/google/call")
    def google_call() -> Answer:
        event, forged = _body().get("event", SAVED), _body().get("forged", "")
        if event not in (SAVED, REMOVED) or forged not in ("", *FORGERIES):
            raise BadSwitch(f"event can be {SAVED} or {REMOVED}, forged {', '.join(FORGERIES)}, or nothing.")
        return jsonify(status=sandbox.caller.call_now(_wanted("id"), event, forged))

    @app.get("/google/image")
    def google_image() -> Answer:
        data = sandbox.pictures.read(request.args.get("url", ""))
        return _picture(data) if data else _sentence("Google has no such picture.", 404)


def _messages(app: Flask, sandbox: "Sandbox") -> None:
    @app.post("/sms/<number>")
    def sms(number: str) -> Answer:
        if sandbox.faults["sms_gateway"] != "ok":
            return _sentence("The gateway is switched to 503.", 503)
        return jsonify(number=sandbox.inbox.receive("sms", number, _wanted("message")).number)

    @app.get("/inbox")
    def inbox() -> Answer:
        return jsonify(messages=sandbox.inbox.all(request.args.get("to", "")))

    @app.post("/inbox/forget")
    def forget_inbox() -> Answer:
        sandbox.inbox.forget()
        return jsonify(messages=[])


def _barcode(message: str, kind: str, symbology: str = "QR_CODE") -> Answer:
    if kind == "svg":
        return Response(barcode.svg(message, symbology), content_type="image/svg+xml")
    if kind != "png":
        return _sentence("A barcode is drawn as png or svg.", 404)
    scale = max(1, min(request.args.get("scale", 8, type=int), 40))
    return Response(barcode.png(message, scale, symbology), content_type="image/png")


def _picture(data: bytes) -> Response:
    kind = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
    return Response(data, content_type=kind, headers={"Cache-Control": "max-age=3600", "X-Content-Type-Options": "nosniff"})
