// A lost phone: a manager stands here and lets the things go. What was said is written down; the old code ends at once.

import { newId } from "../api.js";
import { byId, make, set } from "../till/page.js";
import { nameOf, thingsOf } from "./hook_dialog.js";
import { here } from "./model.js";

const NEEDED = ["release-words", "release-reason", "release-pin"];

export class ReleaseDialog {
  /** `onReleased(ticket, url)` when it is done; `url` is that of the guest's new card, where the old one ended with the phone. */
  constructor({ api, network, texts, room, onReleased, warn, signIn }) {
    Object.assign(this, { api, network, texts, room, onReleased, warn, signIn });
    this.dialog = byId("release");
    byId("lost-phone").addEventListener("click", () => this.open());
    byId("release-close").addEventListener("click", () => this.dialog.close());
    this.form = byId("release-form");
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.form.addEventListener("change", () => this.#said());
  }

  open() {
    if (!this.network.up) return this.warn(this.texts.say("needs_network"));
    const tickets = [...(this.room.view?.tickets.values() ?? [])].filter((ticket) => here(ticket).length);
    if (!tickets.length) return this.warn(this.texts.say("nothing_here"));
    byId("release-ticket").replaceChildren(...tickets.map((ticket) => {
      const option = make("option", "", `${nameOf(ticket, this.texts)}: ${thingsOf(ticket, this.texts)}`);
      option.value = ticket.ticket;
      return option;
    }));
    for (const id of ["release-phone", ...NEEDED]) byId(id).value = "";
    set("release-wrong", "");
    this.form.elements.lost.value = "lost";
    this.#said();
    this.dialog.showModal();
    return byId("release-title").focus();
  }

  get #lost() {
    return this.form.elements.lost.value === "lost";
  }

  /** What becomes of the card. */
  #said() {
    byId("release-lost").hidden = !this.#lost;
    byId("release-off").hidden = this.#lost;
  }

  async #submit(event) {
    event.preventDefault();
    const value = (id) => byId(id).value.trim();
    if (NEEDED.some((id) => !value(id))) return set("release-wrong", this.texts.say("release_missing"));
    const body = {
      ticket: value("release-ticket"), phone: value("release-phone"), description: value("release-words"),
      reason: value("release-reason"), lost: this.#lost, manager: value("release-manager"), pin: value("release-pin"),
    };
    const ticket = this.room.view.tickets.get(body.ticket);
    const answer = await this.api.post("/coats/release", body, { key: newId(), tries: 2 });
    if (answer.state === "done") {
      this.dialog.close();
      return this.onReleased(ticket, answer.data.url);
    }
    byId("release-pin").value = "";
    if (answer.code === "sign_in_required") return this.signIn();
    return set("release-wrong", this.texts.refusal(answer));
  }
}
