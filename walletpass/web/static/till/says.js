// One short line for the waiter on each step: what to ask, what to say. It can be switched off at each till.

import { byId, set } from "./page.js";

const SHELF = "walletpass.says";
const PLACES = ["idle", "guest", "unknown", "done"];

/** What to say to a guest: by name where there is one, and otherwise whether they were here before. */
export function greetingOf({ guest, first_visit: first, visits }) {
  const name = guest.name.trim().split(/\s+/)[0];
  if (first ?? visits === 0) return name ? "greet_first" : "greet_first_unnamed";
  return name ? "greet_again" : "greet_again_unnamed";
}

export class Says {
  constructor({ texts, restaurant }) {
    Object.assign(this, { texts, restaurant });
    const on = localStorage.getItem(SHELF) !== "off";
    byId("says").checked = on;
    this.#switch(on);
    byId("says").addEventListener("change", ({ target }) => this.#switch(target.checked));
    set("say-idle", texts.say("says.ask", { restaurant }));
    set("say-unknown", texts.say("says.offline"));
  }

  guest(view) {
    const name = view.guest.name.trim().split(/\s+/)[0];
    set("say-guest", this.texts.say(`says.${greetingOf(view)}`, { name, restaurant: this.restaurant }));
  }

  done(points) {
    set("say-done", points > 0 ? this.texts.count("says.done", points) : this.texts.say("says.thanks"));
  }

  kept() {
    set("say-done", this.texts.say("says.kept"));
  }

  #switch(on) {
    localStorage.setItem(SHELF, on ? "on" : "off");
    for (const place of PLACES) byId(`say-${place}`).hidden = !on;
  }
}
