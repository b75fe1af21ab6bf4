// At which table, and who serves them.

import { byId, set } from "../till/page.js";
import { nameOf } from "./person.js";
import { whoSits } from "./taken.js";

export class SeatDialog {
  #one = null;

  /** `inside()` are those who sit; `offer(undo)` shows the way back. */
  constructor({ texts, deed, inside, offer }) {
    Object.assign(this, { texts, deed, inside, offer });
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

  /** Whoever sits there already is named, and nobody is kept from sharing a table. */
  warn() {
    const names = whoSits(this.inside(), byId("seat-place").value, this.#one).map((one) => nameOf(one, this.texts));
    const said = names.length ? this.texts.say("taken_table", { names: new Intl.ListFormat(this.texts.locale).format(names) }) : "";
    if (byId("seat-taken").textContent !== said) set("seat-taken", said);
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
