// All that is known of a guest before they sit down, and what colleagues write down of them.

import { byId, make, set, words } from "../till/page.js";
import { told } from "../till/told.js";
import { nameOf } from "./person.js";

export class Details {
  #one = null;
  #guest = null;
  #asked = 0;
  #touched = new Set();

  /** `booked` shows what can become of a booking. */
  constructor({ api, texts, deed, venue, signIn, booked }) {
    Object.assign(this, { api, texts, deed, venue, signIn, booked });
    this.dialog = byId("details");
    byId("note-form").addEventListener("submit", (event) => this.#note(event));
    byId("manner-form").addEventListener("submit", (event) => this.#manner(event));
    byId("manner-form").addEventListener("input", ({ target }) => this.#touched.add(target.id));
  }

  open(one) {
    this.#one = one;
    set("details-name", nameOf(one, this.texts));
    set("details-wrong", "");
    byId("details-facts").replaceChildren();
    byId("note-text").value = "";
    this.#touched.clear();
    this.#fill(one.guest);
    this.booked.show(one);
    set("details-say", this.texts.say(one.guest ? "searching" : "unknown_guest"));
    this.dialog.showModal();
    byId("details-name").focus();
    if (one.guest?.card) this.#look();
  }

  async #look(said = "") {
    const mine = (this.#asked += 1);
    const query = new URLSearchParams({ card: this.#one.guest.card, venue: this.venue });
    const answer = await this.api.get(`/board/table?${query}`);
    if (mine !== this.#asked) return undefined;
    if (answer.code === "sign_in_required") return this.signIn();
    if (answer.state !== "done") return set("details-say", answer.state === "refused" ? this.texts.error(answer.code) : this.texts.say("unanswered"));
    set("details-say", said);
    this.#facts(answer.data);
    return this.#fill(answer.data.guest);
  }

  #facts(view) {
    const rows = told(view, this.texts);
    byId("details-facts").replaceChildren(...rows);
    if (!rows.length && !byId("details-say").textContent) set("details-say", this.texts.say("nothing"));
  }

  /** What somebody typed or ticked, and has not saved, is left alone. */
  #fill(guest) {
    this.#guest = guest;
    byId("details-guest").hidden = !guest?.card;
    if (!guest) return;
    for (const [id, value] of [["manner-say", guest.say_name], ["manner-place", guest.place]]) if (!this.#touched.has(id)) byId(id).value = value;
    if (!this.#touched.has("manner-vip")) byId("manner-vip").checked = guest.vip;
    const rows = guest.notes.map((note) => this.#row(note));
    byId("notes").replaceChildren(...(rows.length ? rows : [make("li", "soft", this.texts.say("no_notes"))]));
  }

  #row({ id, text, everywhere, by, at }) {
    const { texts } = this;
    const row = make("li");
    const under = [by, texts.day(at), texts.say(everywhere ? "everywhere" : "only_here")].filter(Boolean).join(" · ");
    const remove = make("button", "button", texts.say("remove"));
    remove.type = "button";
    remove.setAttribute("aria-label", `${remove.textContent}: ${text}`);
    remove.addEventListener("click", () => this.#write("/board/note/remove", { note: id }, ""));
    row.append(words(text, under), remove);
    return row;
  }

  async #note(event) {
    event.preventDefault();
    const text = byId("note-text").value.trim();
    if (!text) {
      set("details-wrong", this.texts.say("write_something"));
      return byId("note-text").focus();
    }
    const venue = byId("note-here")?.checked ? this.venue : "";
    if (await this.#write("/board/note", { card: this.#guest.card, text, venue }, "written")) byId("note-text").value = "";
    return undefined;
  }

  async #manner(event) {
    event.preventDefault();
    const { card, vip } = this.#guest;
    const chosen = byId("manner-vip").checked;
    const body = { card, say_name: byId("manner-say").value.trim(), place: byId("manner-place").value.trim() };
    // What the house's rule says stays with the rule until somebody decides otherwise.
    await this.#write("/board/manner", chosen === vip ? body : { ...body, vip: chosen }, "remembered", () => this.#touched.clear());
  }

  /** Whether it was done. */
  async #write(path, body, said, written = () => {}) {
    set("details-wrong", "");
    const wrong = await this.deed(path, body);
    set("details-wrong", wrong ?? "");
    if (!wrong) {
      written();
      await this.#look(said && this.texts.say(said));
    }
    return !wrong;
  }
}
