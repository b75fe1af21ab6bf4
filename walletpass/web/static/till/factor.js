// The second look at a guest who wants to pay much with points: which ways there are, and the code on a pad of big keys.

import { byId, make, set } from "./page.js";

const SHORTEST = 4;

export class FactorDialog {
  #card = "";
  #kind = "";
  #finish = null;
  #busy = false;

  /** `onScan()` when the code that changes is to be scanned. */
  constructor({ api, texts, signIn, onScan }) {
    Object.assign(this, { api, texts, signIn, onScan });
    this.dialog = byId("factor");
    byId("factor-form").addEventListener("submit", (event) => this.#submit(event));
    byId("factor-keys").addEventListener("click", (event) => this.#key(event.target.closest("button")));
    byId("factor-cancel").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("cancel", (event) => this.#busy && event.preventDefault());
    this.dialog.addEventListener("close", () => this.#resolve(null));
  }

  get open() {
    return this.dialog.open;
  }

  /** Resolves to a proof, or null when the guest pays without points; `many` when it is the number of points that asks for it. */
  ask(card, kinds, many) {
    this.#card = card;
    this.#choose("");
    set("factor-say", this.texts.say(many ? "factor.choose" : "factor.choose_first"));
    byId("factor-kinds").replaceChildren(...kinds.map((kind) => this.#button(kind)));
    this.dialog.showModal();
    byId("factor-title").focus();
    return new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  #button(kind) {
    const button = make("button", "button big wide", this.texts.say(`factor.${kind}`) || kind);
    button.type = "button";
    button.addEventListener("click", () => this.#start(kind));
    return button;
  }

  async #start(kind) {
    if (this.#busy) return;
    if (kind === "changing_code") {
      this.dialog.close();
      return this.onScan();
    }
    const answer = await this.#send("/second-factor/start", { card: this.#card, kind });
    if (answer.state !== "done") return this.#complain(answer);
    this.#choose(kind);
    if (answer.data.sent_to) set("factor-say", this.texts.say("factor.sent", { to: answer.data.sent_to }));
  }

  #choose(kind) {
    this.#kind = kind;
    byId("factor-kinds").hidden = Boolean(kind);
    byId("factor-code").hidden = !kind || kind === "passkey";
    byId("factor-confirm").hidden = !kind;
    byId("factor-digits").value = "";
    set("factor-wrong", "");
    if (!kind) return;
    set("factor-say", this.texts.say(`factor.type_${kind}`));
    set("factor-confirm", this.texts.say(kind === "passkey" ? "factor.confirmed" : "factor.check"));
    const touch = matchMedia("(pointer: coarse)").matches;
    byId("factor-digits").inputMode = touch ? "none" : "numeric";
    if (!touch) byId("factor-digits").focus();
  }

  #key(button) {
    if (!button || this.#busy) return;
    const field = byId("factor-digits");
    if ("rub" in button.dataset) field.value = field.value.slice(0, -1);
    else if (field.value.length < field.maxLength) field.value += button.dataset.digit;
    set("factor-wrong", "");
  }

  async #submit(event) {
    event.preventDefault();
    if (this.#busy || !this.#kind) return;
    const code = byId("factor-digits").value.replace(/\s/g, "");
    if (this.#kind !== "passkey" && code.length < SHORTEST) return set("factor-wrong", this.texts.say("factor.short"));
    const answer = await this.#send("/second-factor/verify", { card: this.#card, kind: this.#kind, code });
    if (answer.state !== "done") {
      byId("factor-digits").value = "";
      return this.#complain(answer);
    }
    this.#resolve(answer.data.proof);
    this.dialog.close();
  }

  async #send(path, body) {
    this.#busy = true;
    set("factor-wrong", this.texts.say("sending"));
    const answer = await this.api.post(path, body, { tries: 2 });
    this.#busy = false;
    set("factor-wrong", "");
    return answer;
  }

  #complain(answer) {
    if (answer.code === "sign_in_required") return this.signIn();
    const known = this.texts.known(answer.code) || answer.detail;
    set("factor-wrong", answer.state === "refused" ? known || this.texts.error(answer.code) : this.texts.say("unanswered_read"));
  }

  #resolve(value) {
    this.#finish?.(value);
    this.#finish = null;
  }
}
