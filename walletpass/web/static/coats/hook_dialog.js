// What hangs on a hook, and whose it is; also a choice among several tickets.

import { byId, make, set, words } from "../till/page.js";
import { here, on } from "./model.js";

export class HookDialog {
  /** `onTicket(ticket, how)` when somebody's things are to be seen. */
  constructor({ texts, room, onTicket }) {
    Object.assign(this, { texts, room, onTicket });
    this.dialog = byId("hook");
    byId("hook-close").addEventListener("click", () => this.dialog.close());
  }

  open(label) {
    if (!this.room.view?.hooks.has(label)) return false;
    this.label = label;
    this.#draw();
    this.#show();
    return true;
  }

  /** The room is another one than a moment ago. */
  refresh() {
    if (this.dialog.open && this.room.view.hooks.has(this.label)) this.#draw();
  }

  #draw() {
    const { label } = this;
    const { view } = this.room;
    const hook = view.hooks.get(label);
    const things = on(view, label);
    const free = things.length ? "" : this.texts.say(hook.taken ? "map.taken" : "map.free");
    const tickets = [...new Map(things.map(({ ticket }) => [ticket.ticket, ticket])).values()];
    this.#fill(label, free, tickets, "number");
  }

  /** Several tickets for one code: which of them? */
  pick(title, say, tickets) {
    this.label = "";
    this.#fill(title, say, tickets, "code");
    this.#show();
  }

  #fill(title, say, tickets, how) {
    set("hook-title", title);
    set("hook-say", say);
    byId("hook-list").replaceChildren(...tickets.map((ticket) => this.#row(ticket, how)));
  }

  #show() {
    this.dialog.showModal();
    byId("hook-title").focus();
  }

  #row(ticket, how) {
    const row = make("li");
    const button = make("button", "button wide pick");
    button.type = "button";
    button.append(words(nameOf(ticket, this.texts), thingsOf(ticket, this.texts)));
    button.addEventListener("click", () => {
      this.dialog.close();
      this.onTicket(ticket, how);
    });
    row.append(button);
    return row;
  }
}

/** "Ana", "Code 4821", "Wallet ticket". */
export function nameOf(ticket, texts) {
  if (ticket.first_name) return ticket.first_name;
  return ticket.code ? texts.say("code_of", { code: ticket.code }) : texts.say("ticket_guest");
}

/** "Coat A17 (black), Umbrella B2". */
export function thingsOf(ticket, texts) {
  const thing = ({ kind, hook, state, description }) =>
    [texts.say(`kind.${kind}`), state === "kept" ? "" : hook, description && `(${description})`].filter(Boolean).join(" ");
  return here(ticket).map(thing).join(", ") || ticket.description;
}
