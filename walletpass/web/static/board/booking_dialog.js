// Somebody who did not book, somebody who books, and a booking that becomes another one: one dialog for all three.

import { byId, set } from "../till/page.js";
import { BookingForm } from "./booking_form.js";
import { TableWarning } from "./table_warning.js";

export class BookingDialog {
  #wish = null;
  #plan = null;
  #busy = false;

  /** `carry(plan)` as the deeds have it; `board()` is the newest one; `left()` when something stands under Expected that was to be at the door. */
  constructor({ texts, zone, carry, board, left }) {
    Object.assign(this, { texts, carry, left });
    this.dialog = byId("booking");
    this.form = new BookingForm({ texts, zone });
    this.warning = new TableWarning({ texts, board, field: "booking-place", place: "booking-taken" });
    byId("booking-place").addEventListener("input", () => this.warn());
    byId("booking-form").addEventListener("submit", (event) => this.#submit(event));
    this.dialog.addEventListener("cancel", (event) => this.#busy && event.preventDefault());
    this.dialog.addEventListener("close", () => this.#closed());
  }

  /** `wish` is one of wishes.js: what stands in the fields, the plan for what is typed, and what is done after it. */
  open(wish) {
    this.#wish = wish;
    this.#plan = null;
    this.form.lock(false);
    this.form.fill(wish.fields);
    set("booking-title", this.texts.say(`booking.${wish.name}`));
    set("booking-from", wish.phone ? this.texts.say("from_call", { phone: wish.phone }) : "");
    byId("booking-phone").placeholder = wish.phone ?? "";
    this.#label();
    this.warning.clear();
    this.dialog.showModal();
    byId("booking-title").focus();
  }

  /** Only who sits down now meets those who sit there; once it is sent, the board has them too. */
  warn() {
    if (this.dialog.open && !this.form.timed && !this.#plan) this.warning.show();
  }

  async #submit(event) {
    event.preventDefault();
    if (this.#busy) return;
    // What nobody answered is sent again as it was, with its keys.
    const plan = this.#plan ?? this.#planned();
    if (!plan) return;
    this.#plan = plan;
    this.form.complain("");
    this.#wait(true);
    const wrong = await this.carry(plan);
    this.#wait(false);
    if (wrong) return this.#stopped(wrong);
    this.#plan = null;
    this.dialog.close();
    this.#wish.done(...plan.done);
  }

  #planned() {
    const said = this.form.read();
    return said && this.#wish.plan(said);
  }

  /** What was written down need not be written down again, whatever became of the rest. */
  #stopped({ says, unanswered }) {
    set("booking-wrong", this.#half ? `${this.texts.say("half_walk_in")} ${unanswered ? "" : says}`.trim() : says);
    if (!unanswered && !this.#half) this.#plan = null;
    this.form.lock(Boolean(this.#plan));
    this.#label();
  }

  get #half() {
    return Boolean(this.#plan?.done.length);
  }

  #wait(on) {
    this.#busy = on;
    this.form.lock(on);
    byId("booking-do").disabled = on;
    byId("booking-close").disabled = on;
  }

  #label() {
    set("booking-do", this.texts.say(this.#plan ? "try_again" : `booking_do.${this.#wish.name}`));
  }

  #closed() {
    if (this.#half) this.left();
    this.#plan = null;
  }
}
