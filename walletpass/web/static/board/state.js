// Whether what is on the board is how it stands now: said on every screen, in words.

import { byId, set } from "../till/page.js";

export class State {
  constructor({ texts }) {
    this.texts = texts;
  }

  /** `at` is when the board was known last, null before that. */
  show(name, at) {
    byId("state").dataset.state = name;
    if (byId("state-word").textContent !== this.texts.say(name)) set("state-word", this.texts.say(name));
    set("state-age", name === "live" || !at ? "" : this.texts.say("as_of", { time: this.#clock(at) }));
    document.body.classList.toggle("stale", name === "reconnecting");
  }

  #clock(at) {
    return new Intl.DateTimeFormat(this.texts.locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: this.texts.zone }).format(at);
  }
}
