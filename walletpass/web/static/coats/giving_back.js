// What hangs, and what goes: all of it by one tap, or what is ticked.

import { byId, make, set } from "../till/page.js";
import { here, STANDING } from "./model.js";

export class GivingBack {
  #ticked = new Set();
  ticket = null;

  /** `counter` does what the buttons say, as in counter.js. */
  constructor({ texts, api, counter }) {
    Object.assign(this, { texts, api });
    const press = (id, task) => byId(id).addEventListener("click", () => this.#ticked.size && task(this.ticket, this.numbers));
    press("hand-back", (...things) => counter.handBack(...things));
    press("keep", (...things) => counter.keep(...things));
    press("lose", (...things) => counter.lose(...things));
    press("pull", (...things) => counter.turn(this.#pulled ? "hang-again" : "pull", ...things));
  }

  get numbers() {
    return [...this.#ticked].sort((one, other) => one - other);
  }

  get #chosen() {
    return here(this.ticket).filter(({ number }) => this.#ticked.has(number));
  }

  /** Whether what is ticked was taken off its hook. */
  get #pulled() {
    return this.#chosen.length > 0 && this.#chosen.every(({ state }) => state === "pulled");
  }

  show(ticket) {
    this.ticket = ticket;
    this.#ticked = new Set(here(ticket).map(({ number }) => number));
    byId("things").replaceChildren(...here(ticket).map((item) => this.#row(item)));
    this.#buttons();
  }

  #row(item) {
    const { texts } = this;
    const row = make("li");
    const label = make("label", "thing");
    const tick = make("input");
    tick.type = "checkbox";
    tick.checked = true;
    tick.addEventListener("change", () => {
      if (tick.checked) this.#ticked.add(item.number);
      else this.#ticked.delete(item.number);
      this.#buttons();
    });
    const words = make("span");
    const state = item.state === "pulled" ? texts.say("off_hook") : item.state === "kept" ? texts.say("kept_at", { where: item.kept_where }) : "";
    words.append(make("b", "", texts.say(`kind.${item.kind}`)), make("span", "soft small", [item.description, state, item.doubtful && texts.say("unsure")].filter(Boolean).join(" · ")));
    label.append(tick, words, make("b", "number where", item.state === "kept" ? "" : item.hook));
    row.append(label);
    if (item.photo) row.append(this.#photo(item));
    return row;
  }

  /** A picture is had with the till's own header, which an address alone does not carry. */
  #photo({ number, kind }) {
    const image = make("img");
    const { base, program } = this.api;
    image.alt = this.texts.say("photo_of", { kind: this.texts.say(`kind.${kind}`) });
    image.hidden = true;
    fetch(`${base}/coats/photo/${encodeURIComponent(this.ticket.ticket)}/${number}`, { headers: { "X-Walletpass-Program": program } })
      .then((answer) => (answer.ok ? answer.blob() : null))
      .then((blob) => {
        if (blob) image.src = URL.createObjectURL(blob);
        image.hidden = !blob;
      })
      .catch(() => {});
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    return image;
  }

  #buttons() {
    const { texts } = this;
    const every = here(this.ticket);
    const chosen = this.#chosen;
    const all = chosen.length === every.length;
    set("hand-back", all ? texts.count("back_all", chosen.length) : texts.count("back_some", chosen.length));
    set("pull", texts.say(this.#pulled ? "hang_again" : "pull"));
    byId("hand-back").disabled = !chosen.length;
    const standing = chosen.length > 0 && chosen.every(({ state }) => STANDING.includes(state));
    const alike = new Set(chosen.map(({ state }) => state)).size === 1;
    byId("pull").disabled = !standing || !alike;
    byId("keep").disabled = byId("lose").disabled = !standing;
  }
}
