// A guest without a card in the hand: by name or phone, where the restaurant allows it.

import { byId, make, set, words } from "./page.js";

const SHORTEST = 2;

export class SearchDialog {
  #asked = 0;

  /** `onPick(card id)` of the guest that was tapped. */
  constructor({ api, texts, signIn, onPick }) {
    Object.assign(this, { api, texts, signIn, onPick });
    this.dialog = byId("search");
    byId("search-open").addEventListener("click", () => this.#open());
    byId("search-close").addEventListener("click", () => this.dialog.close());
    byId("search-form").addEventListener("submit", (event) => this.#submit(event));
  }

  get open() {
    return this.dialog.open;
  }

  #open() {
    byId("search-text").value = "";
    set("search-say", this.texts.say("search.how"));
    byId("search-list").replaceChildren();
    this.dialog.showModal();
    byId("search-text").focus();
  }

  async #submit(event) {
    event.preventDefault();
    const text = byId("search-text").value.trim();
    if (text.length < SHORTEST) return set("search-say", this.texts.say("search.how"));
    const mine = (this.#asked += 1);
    set("search-say", this.texts.say("searching"));
    const answer = await this.api.get(`/guests?search=${encodeURIComponent(text)}`);
    if (mine !== this.#asked) return;
    if (answer.code === "sign_in_required") return this.signIn();
    if (answer.code === "not_found" || answer.code === "not_allowed") return this.#absent();
    if (answer.code === "malformed") return set("search-say", this.texts.say("search.how"));
    if (answer.state !== "done") return set("search-say", this.texts.say(answer.state === "refused" ? "search.nobody" : "unanswered_read"));
    this.#list(answer.data.guests);
  }

  /** A restaurant that does not look guests up by phone has no such button. */
  #absent() {
    byId("search-open").hidden = true;
    set("search-say", this.texts.say("search.off"));
  }

  #list(found) {
    set("search-say", found.length ? "" : this.texts.say("search.nobody"));
    byId("search-list").replaceChildren(...found.map((guest) => this.#row(guest)));
  }

  #row(guest) {
    const row = make("li");
    const pick = make("button", "button wide pick");
    const under = [guest.masked_phone, this.texts.say("queue.card", { digits: guest.number.slice(-4) })].filter(Boolean).join(" · ");
    pick.type = "button";
    pick.append(words(guest.name || this.texts.say("unnamed"), under));
    pick.addEventListener("click", () => {
      this.dialog.close();
      this.onPick(guest.card);
    });
    row.append(pick);
    return row;
  }
}
