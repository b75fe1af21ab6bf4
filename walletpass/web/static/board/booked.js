// What can become of a booking whose guests have not come: another hour, or nothing.

import { byId, set } from "../till/page.js";
import { nameOf } from "./person.js";

export class Booked {
  #one = null;

  /** `change(booking)` opens the dialog with all of it. */
  constructor({ api, texts, deed, change, signIn }) {
    Object.assign(this, { api, texts, deed, change, signIn });
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

  #words({ at, party, place, notes, masked_phone: phone }) {
    const { texts } = this;
    return [texts.say("booked", { time: texts.clock(at) }), texts.count("people", party), place && texts.say("table", { place }), phone, notes].filter(Boolean).join(" · ");
  }

  async #change() {
    byId("booked-change").disabled = true;
    const answer = await this.api.get(`/bookings/${this.#one.booking}`);
    byId("booked-change").disabled = false;
    if (answer.code === "sign_in_required") return this.signIn();
    if (answer.state !== "done") return set("booked-wrong", answer.state === "refused" ? this.texts.error(answer.code) : this.texts.say("no_answer"));
    byId("details").close();
    return this.change(answer.data);
  }

  #ask() {
    byId("details").close();
    set("cancel-what", `${nameOf(this.#one, this.texts)} · ${this.#words(this.#one)}`);
    set("cancel-wrong", "");
    this.dialog.showModal();
    byId("cancel-title").focus();
  }

  async #cancel(event) {
    event.preventDefault();
    const wrong = await this.deed(`/bookings/${this.#one.booking}/cancel`, {});
    if (wrong) return set("cancel-wrong", wrong);
    return this.dialog.close();
  }
}
