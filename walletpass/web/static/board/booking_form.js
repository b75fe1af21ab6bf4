// How many, who, and where to reach them: the fields of a walk-in and of a booking.

import { byId, marked, set } from "../till/page.js";

const TEXTS = ["name", "phone", "email", "place", "notes"];
const MOST = 500;
const SHORTEST_NUMBER = 6; // digits
const OVER = 3 * 3_600_000; // ms after its hour in which a booking is still waited for

export class BookingForm {
  constructor({ texts, zone }) {
    Object.assign(this, { texts, zone });
    this.form = byId("booking-form");
    // A number that is typed is meant, and so is a chip that is tapped afterwards.
    byId("booking-party").addEventListener("input", () => this.#choose(""));
    for (const chip of this.form.elements.party) chip.addEventListener("change", () => (byId("booking-party").value = ""));
  }

  /** `at` is a moment; without one there is no hour to choose, and they are here now. */
  fill({ at = null, party = 2, ...texts }) {
    this.form.reset();
    this.timed = at !== null;
    for (const part of this.form.querySelectorAll("[data-timed]")) part.hidden = !this.timed;
    byId("booking-taken").hidden = this.timed;
    this.#choose(String(party));
    byId("booking-party").value = this.form.elements.party.value ? "" : party;
    for (const name of TEXTS) byId(`booking-${name}`).value = texts[name] ?? "";
    if (this.timed) {
      const { day, time } = this.zone.wall(at);
      byId("booking-day").value = day;
      byId("booking-time").value = time;
    }
    this.complain("");
  }

  /** What is typed, as the server takes it; null after saying what is missing. */
  read() {
    const party = Number(this.form.elements.party.value || byId("booking-party").value);
    if (!Number.isInteger(party) || party < 1 || party > MOST) return this.complain("how_many", "booking-party");
    const found = Object.fromEntries(TEXTS.map((name) => [name, byId(`booking-${name}`).value.trim()]));
    if (found.phone && found.phone.replace(/\D/g, "").length < SHORTEST_NUMBER) return this.complain("which_number", "booking-phone");
    if (!this.timed) return { party, name: found.name, phone: found.phone, place: found.place };
    const at = this.zone.moment(byId("booking-day").value, byId("booking-time").value);
    if (!at) return this.complain("which_hour", "booking-day");
    if (new Date(at) < Date.now() - OVER) return this.complain("hour_over", "booking-day");
    return { at, party, ...found };
  }

  /** While nobody knows what became of it, nothing of it changes. */
  lock(on) {
    for (const field of this.form.querySelectorAll("input, textarea")) field.disabled = on;
  }

  complain(name, field = "") {
    set("booking-wrong", name && this.texts.say(name));
    for (const one of this.form.querySelectorAll("[aria-invalid]")) marked(one.id, one.id === field);
    if (field) byId(field).focus();
    return null;
  }

  #choose(party) {
    for (const chip of this.form.elements.party) chip.checked = chip.value === party;
  }
}
