// The dialog that asks why, and takes entries back.

import { newId } from "./api.js";

const byId = (id) => document.getElementById(id);

export class UndoDialog {
  #entries = [];
  #plan = null;
  #finish = null;

  constructor({ api, texts, signIn }) {
    Object.assign(this, { api, texts, signIn });
    this.dialog = byId("undo");
    this.form = byId("undo-form");
    this.form.addEventListener("submit", (event) => this.#submit(event));
    byId("undo-cancel").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.#closed());
    this.dialog.addEventListener("cancel", (event) => this.busy && event.preventDefault());
  }

  get open() {
    return this.dialog.open;
  }

  /** Asks for a reason and undoes `entries` in that order. Resolves to {balance} when all are undone, {code} when refused, else null. */
  ask(entries, what) {
    this.#entries = entries;
    this.#plan = null;
    this.form.reset();
    this.#lock(false);
    byId("undo-what").textContent = what;
    this.#complain("");
    byId("undo-confirm").textContent = this.texts.say("undo");
    this.dialog.showModal();
    return new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  #reason() {
    const chip = this.form.querySelector("input[name=reason]:checked")?.value ?? "";
    return [chip, byId("undo-text").value.trim()].filter(Boolean).join(": ");
  }

  #complain(text) {
    byId("undo-wrong").textContent = text;
  }

  #lock(on) {
    this.form.querySelectorAll("input").forEach((input) => {
      input.disabled = on;
    });
  }

  async #submit(event) {
    event.preventDefault();
    if (this.busy) return;
    const reason = this.#reason();
    if (!this.#plan && reason.length < 3) {
      this.#complain(this.texts.say("reason_needed"));
      byId("undo-text").focus();
      return;
    }
    this.#plan ??= this.#entries.map((entry) => ({ key: newId(), body: { entry, reason }, result: null }));
    this.#lock(true);
    this.#complain("");
    this.busy = true;
    byId("undo-confirm").textContent = this.texts.say("sending");
    const answer = await this.#send();
    this.busy = false;
    this.#answered(answer);
  }

  async #send() {
    let answer = null;
    for (const step of this.#plan.filter((one) => !one.result)) {
      answer = await this.api.post("/undo", step.body, { key: step.key });
      if (answer.state !== "done") return answer;
      step.result = answer.data;
    }
    return answer;
  }

  #answered(answer) {
    if (answer.code === "sign_in_required") return this.signIn();
    if (answer.state === "unanswered") {
      this.#complain(this.texts.say("unanswered_undo"));
      byId("undo-confirm").textContent = this.texts.say("try_again");
      return;
    }
    this.#resolve(answer.state === "done" ? { balance: answer.data.balance } : { code: answer.code });
    this.dialog.close();
  }

  #closed() {
    this.#resolve(null);
  }

  #resolve(value) {
    this.#finish?.(value);
    this.#finish = null;
  }
}
