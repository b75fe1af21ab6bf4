// At which table, and who serves them.

import { byId, set } from "../till/page.js";
import { nameOf } from "./person.js";

export class SeatDialog {
  #one = null;

  constructor({ texts, deed }) {
    Object.assign(this, { texts, deed });
    this.dialog = byId("seat");
    this.form = byId("seat-form");
    this.form.addEventListener("submit", (event) => this.#submit(event));
  }

  ask(one) {
    this.#one = one;
    const { guest } = one;
    set("seat-title", nameOf(one, this.texts));
    set("seat-wrong", "");
    byId("seat-place").value = one.place || guest?.place || "";
    const waiter = one.waiter || (guest?.usual_waiter_here ? guest.usual_waiter : "");
    for (const choice of this.form.elements.waiter) choice.checked = choice.value === waiter;
    if (!this.form.elements.waiter.value) [...this.form.elements.waiter].at(-1).checked = true;
    this.dialog.showModal();
    byId("seat-place").focus();
  }

  async #submit(event) {
    event.preventDefault();
    const place = byId("seat-place").value.trim();
    if (!place) {
      set("seat-wrong", this.texts.say("which_table"));
      return byId("seat-place").focus();
    }
    const wrong = await this.deed("/board/seat", { arrival: this.#one.arrival, place, waiter: this.form.elements.waiter.value });
    if (wrong) return set("seat-wrong", wrong);
    return this.dialog.close();
  }
}
