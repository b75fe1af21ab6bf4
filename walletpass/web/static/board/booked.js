// What can become of a booking whose guests have not come: another hour, or nothing.

import { byId, set } from "../till/page.js";
import { nameOf } from "./person.js";

export class Booked {
  #one = null;

  /** `change(booking, call)` opens the dialog with all of it. */
  constructor({ api, texts, deed, change, signIn }) {
    Object.assign(this, { api, texts, deed, signIn });
    this.open = change;
    this.dialog = byId("cancel");
    byId("booked-change").addEventListener("click", () => this.#change());
    byId("booked-cancel").addEventListener("click", () => this.#ask());
    byId("cancel-form").addEventListener("submit", (event) => this.#cancel(event));
  }

  /** Part of the details of `one`; whoever is here has no booking left to change. */
  show(one) {
    this.#one = one;
    byId("details-booking").hidden = !one.booking || Boolean(one.arrival);
    set("booked-wrong", "");
    if (!byId("details-booking").hidden) set("booked-say", this.#words(one));
  }

  /** Asks for all of a booking by its id; `say` tells what went wrong, `ready` is called before the dialog, `call` is by which it changes. */
  async change(id, { button, say, ready = () => {}, call = null }) {
    button.disabled = true;
    const answer = await this.api.get(`/bookings/${id}`);
    button.disabled = false;
    if (answer.code === "sign_in_required") return this.signIn();
    if (answer.state === "unanswered") return say(this.texts.say("no_answer"), { passes: true });
    if (answer.state === "refused") return say(this.texts.error(answer.code));
    say("");
    ready();
    return this.open(answer.data, call);
  }

  /** Asks once more before a booking is cancelled. */
  cancel(one) {
    this.#one = one;
    set("cancel-what", `${nameOf(one, this.texts)} · ${this.#words(one)}`);
    set("cancel-wrong", "");
    this.dialog.showModal();
    byId("cancel-title").focus();
  }

  #words({ at, party, place, notes, masked_phone: phone }) {
    const { texts } = this;
    return [texts.say("booked", { time: texts.clock(at) }), texts.count("people", party), place && texts.say("table", { place }), phone, notes].filter(Boolean).join(" · ");
  }

  #change() {
    this.change(this.#one.booking, {
      button: byId("booked-change"),
      say: (text) => set("booked-wrong", text),
      ready: () => byId("details").close(),
    });
  }

  #ask() {
    byId("details").close();
    this.cancel(this.#one);
  }

  async #cancel(event) {
    event.preventDefault();
    const wrong = await this.deed(`/bookings/${this.#one.booking}/cancel`, {});
    if (wrong) return set("cancel-wrong", wrong);
    return this.dialog.close();
  }
}
