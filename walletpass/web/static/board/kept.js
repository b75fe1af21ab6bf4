// Tables kept at the peak for whoever comes without a booking: how many are left, and to whom one is given.

import { byId, make, set, words } from "../till/page.js";

const SHORTEST = 3;

/** "25:00" of the restaurant's day, as a clock on the wall shows it. */
const wall = (time) => time.replace(/^\d+/, (hours) => String(hours % 24).padStart(2, "0"));

export class KeptTables {
  constructor({ texts, deed, venue }) {
    Object.assign(this, { texts, deed, venue });
    this.dialog = byId("give");
    this.form = byId("give-form");
    byId("give-open").addEventListener("click", () => this.#open());
    this.form.addEventListener("submit", (event) => this.#submit(event));
  }

  show(peaks) {
    const { texts } = this;
    const left = peaks.reduce((sum, peak) => sum + peak.left, 0);
    const said = peaks.map((peak) => {
      const parts = [texts.count("kept", peak.kept), texts.say("until", { time: wall(peak.ends) })];
      return [...parts, peak.left ? texts.count("left", peak.left) : texts.say("none_left")].join(" · ");
    });
    byId("kept").hidden = !peaks.length;
    byId("give-open").disabled = !left;
    set("kept-say", said.join("; "));
    set("give-left", said.join("; "));
    byId("give-given").replaceChildren(...peaks.flatMap(({ given }) => given).map((one) => this.#row(one)));
  }

  #row({ place, party, reason, at }) {
    const { texts } = this;
    const row = make("li");
    row.append(words(reason, [texts.clock(at), texts.count("people", party), place && texts.say("table", { place })].filter(Boolean).join(" · ")));
    return row;
  }

  #open() {
    this.form.reset();
    set("give-wrong", "");
    this.dialog.showModal();
    byId("give-title").focus();
  }

  #reason() {
    const chosen = this.form.querySelector("input[name=reason]:checked")?.value ?? "";
    return [chosen, byId("give-reason").value.trim()].filter(Boolean).join(": ");
  }

  async #submit(event) {
    event.preventDefault();
    const party = Number(byId("give-party").value);
    const reason = this.#reason();
    if (!Number.isInteger(party) || party < 1) return this.#complain("how_many", "give-party");
    if (reason.length < SHORTEST) return this.#complain("why", "give-reason");
    const wrong = await this.deed("/board/table", { reason, party, place: byId("give-place").value.trim(), venue: this.venue });
    if (wrong) return set("give-wrong", wrong);
    return this.dialog.close();
  }

  #complain(name, field) {
    set("give-wrong", this.texts.say(name));
    byId(field).focus();
  }
}
