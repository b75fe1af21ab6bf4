// What a waiter should know before the guest orders: asked for when it is looked at, and not with every scan.

import { byId, set } from "./page.js";
import { told } from "./told.js";

export class Before {
  #card = null;
  #known = null;

  constructor({ api, texts }) {
    Object.assign(this, { api, texts, root: byId("before") });
    this.root?.addEventListener("toggle", () => this.root.open && this.#look());
  }

  /** Another guest: what is known of the one before is put away. Null is one who does not exist. */
  show(card) {
    if (!this.root || card === this.#card) return;
    this.root.hidden = card === null;
    this.#card = card;
    this.#known = null;
    this.root.open = false;
    byId("before-facts").replaceChildren();
    set("before-say", "");
  }

  async #look() {
    const card = this.#card;
    if (this.#known === card) return;
    set("before-say", this.texts.say("searching"));
    const answer = await this.api.get(`/board/table?card=${encodeURIComponent(card)}`);
    if (card !== this.#card) return;
    if (answer.state !== "done") {
      set("before-say", answer.state === "refused" ? this.texts.error(answer.code) : this.texts.say("unanswered_read"));
      return;
    }
    this.#known = card;
    const rows = told(answer.data, this.texts, "before.");
    set("before-say", rows.length ? "" : this.texts.say("before.nothing"));
    byId("before-facts").replaceChildren(...rows);
  }
}
