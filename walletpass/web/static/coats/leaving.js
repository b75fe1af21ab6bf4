// Who has said "I am leaving", in their order: a tap shows what to fetch.

import { byId, make } from "../till/page.js";
import { nameOf } from "./hook_dialog.js";
import { standing } from "./model.js";

export class Leaving {
  #drawn = "";

  constructor({ texts, onTicket }) {
    Object.assign(this, { texts, onTicket });
  }

  show(view) {
    const tickets = (view?.called ?? []).map((id) => view.tickets.get(id)).filter(Boolean);
    const drawn = JSON.stringify(tickets);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    byId("leaving").hidden = tickets.length === 0;
    byId("leaving-list").replaceChildren(...tickets.map((ticket) => this.#item(ticket)));
  }

  #item(ticket) {
    const item = make("li");
    const button = make("button", "button table");
    button.type = "button";
    const hooks = [...new Set(standing(ticket).map(({ hook }) => hook))].join(", ");
    button.append(make("b", "number", hooks), make("span", "small", [nameOf(ticket, this.texts), this.texts.since(ticket.called_at)].join(" · ")));
    button.addEventListener("click", () => this.onTicket(ticket, "hand"));
    item.append(button);
    return item;
  }
}
