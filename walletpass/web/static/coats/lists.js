// What needs a person: conflicts of what tablets said, and what was kept over night.

import { byId, make, marked, set, words } from "../till/page.js";
import { nameOf } from "./hook_dialog.js";

const OF_HOOKS = ["hook_taken", "hook_unknown"];
const FIELDS = ["hook", "how"];

export class Lists {
  #conflict = null;

  constructor({ texts, room, deeds, onTicket, onDispose, onSignIn }) {
    Object.assign(this, { texts, room, deeds, onTicket, onDispose, onSignIn });
    this.dialog = byId("lists");
    this.settling = byId("settling");
    byId("lists-open").addEventListener("click", () => this.open());
    byId("lists-close").addEventListener("click", () => this.dialog.close());
    byId("settling-close").addEventListener("click", () => this.settling.close());
    byId("settling-form").addEventListener("submit", (event) => this.#settle(event));
  }

  open() {
    this.show();
    this.dialog.showModal();
    byId("lists-title").focus();
  }

  show() {
    const { now, view } = this.room;
    const conflicts = now?.conflicts ?? [];
    const kept = [...(view?.tickets.values() ?? [])].flatMap((ticket) => ticket.items.filter(({ state }) => state === "kept").map((item) => ({ ticket, item })));
    const due = new Set((now?.due ?? []).map(({ ticket, number }) => `${ticket} ${number}`));
    byId("lists-open").hidden = !conflicts.length && !due.size;
    set("lists-count", this.texts.number(conflicts.length + due.size));
    byId("conflicts").replaceChildren(...conflicts.map((one) => this.#conflictRow(one)));
    byId("conflicts-none").hidden = conflicts.length > 0;
    byId("kept").replaceChildren(...kept.map(({ ticket, item }) => this.#keptRow(ticket, item, due.has(`${ticket.ticket} ${item.number}`))));
    byId("kept-none").hidden = kept.length > 0;
  }

  #button(text, label, task) {
    const button = make("button", "button", text);
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.addEventListener("click", task);
    return button;
  }

  /** Whose it is and what, as far as anybody knows: of a ticket that is closed the server knows the thing. */
  #whose({ ticket: id, number, kind, hook }) {
    const ticket = this.room.view?.tickets.get(id);
    const item = ticket?.items.find((one) => one.number === number) ?? (kind && { kind, hook });
    return [ticket && nameOf(ticket, this.texts), item && `${this.texts.say(`kind.${item.kind}`)} ${item.hook}`].filter(Boolean).join(", ");
  }

  #wrong({ code, sentence, ended }) {
    return [this.texts.ended(ended), this.texts.say(`conflict.${code}`) || sentence].filter(Boolean).join(" ");
  }

  #conflictRow(conflict) {
    const { texts } = this;
    const row = make("li");
    const title = this.#whose(conflict) || texts.say("unknown_ticket");
    row.append(words(title, `${this.#wrong(conflict)} ${texts.clock(conflict.listed_at)}`));
    row.append(this.#button(texts.say("settle"), texts.say("settle_this", { what: title }), () => this.#ask(conflict, title)));
    return row;
  }

  #keptRow(ticket, item, due) {
    const { texts } = this;
    const row = make("li");
    const what = `${texts.say(`kind.${item.kind}`)} · ${nameOf(ticket, texts)}`;
    row.append(words(what, [texts.say("kept_at", { where: item.kept_where }), due && texts.say("due")].filter(Boolean).join(" · ")));
    row.append(this.#button(texts.say("back_here"), `${texts.say("back_here")}: ${what}`, () => {
      this.dialog.close();
      this.onTicket(ticket, "hand");
    }));
    if (due) row.append(this.#button(texts.say("dispose"), `${texts.say("dispose")}: ${what}`, () => this.onDispose(ticket, item, what)));
    return row;
  }

  #ask(conflict, title) {
    this.#conflict = conflict;
    set("settling-title", title);
    set("settling-say", this.#wrong(conflict));
    this.#complain("", "");
    byId("settling-hook").value = byId("settling-how").value = "";
    byId("settling-hook-part").hidden = !OF_HOOKS.includes(conflict.code);
    this.settling.showModal();
  }

  async #settle(event) {
    event.preventDefault();
    const { deed, code, number } = this.#conflict;
    const body = { room: this.room.chosen.id, deed, conflict: code, number, how: byId("settling-how").value.trim() };
    if (OF_HOOKS.includes(code)) body.hook = byId("settling-hook").value.trim().toUpperCase();
    if (body.hook === "") return this.#complain("hook", this.texts.say("hook_missing"));
    if (!body.how) return this.#complain("how", this.texts.say("how_missing"));
    const answer = await this.deeds.now("/coats/conflicts/settle", body);
    if (answer.code === "sign_in_required") return this.onSignIn();
    if (answer.state !== "done") return this.#notSettled(answer, body.hook);
    this.settling.close();
    return this.room.look();
  }

  #notSettled(answer, hook) {
    const { texts } = this;
    if (answer.field === "hook") return this.#complain("hook", texts.say("no_hook", { hook }));
    const { free, hook: taken = hook } = answer.told ?? {};
    if (!free) return this.#complain("", texts.refusal(answer));
    byId("settling-hook").value = free;
    return this.#complain("", texts.say("taken_next", { hook: taken, free }));
  }

  /** `field` is the one that is wrong, or "" where none is. */
  #complain(field, text) {
    set("settling-wrong", text);
    for (const one of FIELDS) marked(`settling-${one}`, one === field);
    if (field) byId(`settling-${field}`).focus();
  }
}
