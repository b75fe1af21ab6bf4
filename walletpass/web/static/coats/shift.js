// The evening: it begins, it ends when everything is accounted for, and its report adds up.

import { byId, make, set, words } from "../till/page.js";
import { nameOf, thingsOf } from "./hook_dialog.js";
import { standing } from "./model.js";

const LEFT = ["carried", "taken_in"];
const RIGHT = ["out", "lost", "disposed", "here"];

export class ShiftDialog {
  constructor({ texts, room, deeds, page, language, onTicket, onSignIn }) {
    Object.assign(this, { texts, room, deeds, page, language, onTicket, onSignIn });
    this.dialog = byId("shift");
    byId("shift-leave").addEventListener("click", () => this.dialog.close());
    byId("shift-open").addEventListener("click", () => this.#do("open"));
    byId("shift-close").addEventListener("click", () => this.#do("close"));
  }

  open() {
    this.#show(this.room.chosen?.shift ?? null);
    this.dialog.showModal();
    byId("shift-title").focus();
    this.#fresh();
  }

  async #fresh() {
    await this.room.look();
    if (this.dialog.open) this.#show(this.room.chosen?.shift ?? null);
  }

  #show(shift, left = []) {
    const { texts } = this;
    const running = Boolean(shift && !shift.closed_at);
    set("shift-wrong", "");
    set("shift-say", !shift ? texts.say("shift.none") : running ? texts.say("shift.since", { time: texts.clock(shift.opened_at) }) : texts.say("shift.closed"));
    const sum = (names) => names.reduce((total, name) => total + (shift?.[name] ?? 0), 0);
    const row = (label, value, total) => {
      const line = make("div", total ? "total" : "");
      line.append(make("dt", "", label), make("dd", "", value));
      return line;
    };
    const count = (name) => row(texts.say(`shift.${name}`), texts.number(shift[name]));
    const side = (names) => [...names.map(count), row(texts.say("shift.together"), texts.number(sum(names)), true)];
    const parts = shift ? [side(LEFT), side(RIGHT), [count("kept"), row(texts.say("shift.money"), texts.money(shift.money))]] : [];
    byId("shift-counts").replaceChildren(...parts.map((rows) => {
      const list = make("dl", "menu");
      list.append(...rows);
      return list;
    }));
    byId("shift-open").hidden = running;
    byId("shift-close").hidden = !running;
    byId("shift-print").hidden = !shift;
    if (shift) byId("shift-print").href = `${this.page}/coats/shifts/${shift.id}${this.language}`;
    byId("shift-left").replaceChildren(...left.map((ticket) => this.#row(ticket)));
  }

  #row(ticket) {
    const item = make("li");
    const button = make("button", "button", this.texts.say("look"));
    button.type = "button";
    const name = nameOf(ticket, this.texts);
    button.setAttribute("aria-label", `${this.texts.say("look")}: ${name}, ${thingsOf(ticket, this.texts)}`);
    button.addEventListener("click", () => {
      this.dialog.close();
      this.onTicket(ticket, "hand");
    });
    item.append(words(name, thingsOf(ticket, this.texts)), button);
    return item;
  }

  async #do(what) {
    const answer = await this.deeds.now(`/coats/shifts/${what}`, { room: this.room.chosen.id });
    if (answer.code === "sign_in_required") return this.onSignIn();
    if (answer.code === "unaccounted") return this.#unaccounted(answer);
    if (answer.state !== "done") return set("shift-wrong", this.texts.refusal(answer));
    await this.room.look();
    return this.#show(answer.data);
  }

  /** Each is given back, kept or lost before the shift ends. */
  async #unaccounted({ told }) {
    await this.room.look();
    const open = [...this.room.view.tickets.values()].filter((ticket) => standing(ticket).length);
    this.#show(this.room.chosen?.shift ?? null, open);
    set("shift-wrong", this.texts.count("shift.left", told.items.length));
  }
}
