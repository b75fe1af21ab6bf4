// At which table, and who serves them.

import { byId, set } from "../till/page.js";
import { nameOf } from "./person.js";
import { TableWarning } from "./table_warning.js";

export class SeatDialog {
  #one = null;

  /** `board()` is the newest one; `offer(undo)` shows the way back. */
  constructor({ texts, deed, board, offer }) {
    Object.assign(this, { texts, deed, offer });
    this.warning = new TableWarning({ texts, board, field: "seat-place", place: "seat-taken" });
    this.dialog = byId("seat");
    this.form = byId("seat-form");
    this.form.addEventListener("submit", (event) => this.#submit(event));
    byId("seat-place").addEventListener("input", () => this.warn());
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
    this.warn();
    this.dialog.showModal();
    byId("seat-place").focus();
  }

  /** With every letter, and with every board. */
  warn() {
    this.warning.show(this.#one);
  }

  async #submit(event) {
    event.preventDefault();
    const place = byId("seat-place").value.trim();
    if (!place) {
      set("seat-wrong", this.texts.say("which_table"));
      return byId("seat-place").focus();
    }
    const one = this.#one;
    const wrong = await this.deed("/board/seat", { arrival: one.arrival, place, waiter: this.form.elements.waiter.value });
    if (wrong) return set("seat-wrong", wrong);
    this.offer(this.#undo(one, place));
    return this.dialog.close();
  }

  #undo({ arrival, seated_at: sat, place: before, waiter, ...one }, place) {
    const said = this.texts.say(sat ? "did.moved" : "did.seated", { name: nameOf(one, this.texts), place });
    const step = sat ? ["/board/seat", { arrival, place: before, waiter }] : ["/board/not-seated", { arrival, place }];
    return { said, steps: [step] };
  }
}
