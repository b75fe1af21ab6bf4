// "Another guest": an earn goes from the wrong guest to the right one, both names big, before anything happens.

import { newId } from "../api.js";
import { luhn, readCode } from "../codes.js";
import { byId, cardNumber, set } from "./page.js";

export class MoveDialog {
  #entry = "";
  #from = null;
  #to = null;
  #step = null;
  #finish = null;
  #busy = false;

  constructor({ api, texts, signIn }) {
    Object.assign(this, { api, texts, signIn });
    this.dialog = byId("move");
    byId("move-form").addEventListener("submit", (event) => this.#submit(event));
    byId("move-number").addEventListener("input", () => set("move-wrong", ""));
    byId("move-cancel").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("cancel", (event) => this.#busy && event.preventDefault());
    this.dialog.addEventListener("close", () => this.#resolve(null));
  }

  get open() {
    return this.dialog.open;
  }

  /** Asks for the right guest and moves `entry`. Resolves to {balance, view} of that guest, {code} when refused, else null. */
  ask(entry, what, from) {
    [this.#entry, this.#from, this.#to, this.#step] = [entry, from, null, null];
    byId("move-number").value = "";
    set("move-what", what);
    set("move-wrong", "");
    this.#draw();
    this.dialog.showModal();
    byId("move-number").focus();
    return new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** A code that was scanned while the dialog stands there. */
  scan(text) {
    const code = readCode(text);
    if (code) this.#find(code);
    else set("move-wrong", this.texts.error("not_our_code"));
  }

  #draw() {
    const { texts } = this;
    byId("move-find").hidden = Boolean(this.#to);
    byId("move-names").hidden = !this.#to;
    set("move-from", this.#from.guest.name || texts.say("unnamed"));
    set("move-to", this.#to ? this.#to.guest.name || texts.say("unnamed") : "");
    set("move-confirm", this.#busy ? texts.say("sending") : texts.say(this.#to ? "move.confirm" : "move.find"));
    byId("move-cancel").disabled = this.#busy;
  }

  #submit(event) {
    event.preventDefault();
    if (this.#busy) return;
    if (this.#to) return this.#send();
    const digits = cardNumber(byId("move-number").value, luhn);
    if (digits) this.#find(digits);
    else set("move-wrong", this.texts.say("number_wrong"));
  }

  async #find(code) {
    if (this.#busy) return;
    const answer = await this.#ask(() => this.api.post("/guests/by-code", { code }, { tries: 2 }));
    if (answer.code === "sign_in_required") return this.signIn();
    if (answer.state !== "done") return this.#complain(answer, "unanswered_read");
    if (answer.data.card.id === this.#from.card.id) return set("move-wrong", this.texts.say("move.same"));
    this.#to = answer.data;
    set("move-wrong", "");
    this.#draw();
    byId("move-confirm").focus();
  }

  async #send() {
    this.#step ??= { key: newId(), body: { entry: this.#entry, to: this.#to.card.id, reason: this.texts.say("move.reason") } };
    const answer = await this.#ask(() => this.api.post("/move", this.#step.body, { key: this.#step.key }));
    if (answer.code === "sign_in_required") return this.signIn();
    if (answer.state === "unanswered") return this.#complain(answer, "unanswered_undo");
    this.#resolve(answer.state === "done" ? { balance: this.#balance(answer.data), view: this.#to } : { code: answer.code });
    this.dialog.close();
  }

  /** The server tells the balances of both cards; the right guest's is shown. */
  #balance({ balances }) {
    return balances.find(({ card }) => card === this.#to.card.id) ?? null;
  }

  async #ask(send) {
    this.#busy = true;
    this.#draw();
    const answer = await send();
    this.#busy = false;
    this.#draw();
    return answer;
  }

  #complain(answer, unanswered) {
    set("move-wrong", answer.state === "refused" ? this.texts.error(answer.code) : this.texts.say(unanswered));
  }

  #resolve(value) {
    this.#finish?.(value);
    this.#finish = null;
  }
}
