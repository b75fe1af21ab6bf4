// Tables that have ordered and whose guest nobody knows yet: ask for the card now, not at the bill.

import { byId, make, set } from "./page.js";

const EVERY = 10000;

export class Tables {
  #timer = 0;
  #absent = false;
  #drawn = "";

  /** `onTable(check)` when the card of a table is to be scanned; `idle()` says whether anybody looks at the list. */
  constructor({ api, texts, page, idle, onTable }) {
    Object.assign(this, { api, texts, page, idle, onTable, chosen: null });
    this.dialog = byId("table");
    byId("table-close").addEventListener("click", () => this.dialog.close());
    byId("table-scan").addEventListener("click", () => {
      this.dialog.close();
      this.onTable(this.chosen);
    });
    document.addEventListener("visibilitychange", () => document.hidden || this.look());
  }

  get open() {
    return this.dialog.open;
  }

  /** Looks now, and then again every few seconds while the idle screen stands. A server without checks is not asked twice. */
  async look() {
    clearTimeout(this.#timer);
    if (this.#absent) return;
    if (this.idle() && !document.hidden) {
      const answer = await this.api.get("/checks?state=open");
      if (answer.state === "refused" && answer.code !== "sign_in_required") this.#absent = true;
      if (answer.state === "done") this.#draw(answer.data.checks);
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), EVERY);
  }

  #draw(checks) {
    const asking = checks.filter((check) => check.ask_for_card && !check.guest);
    const drawn = JSON.stringify(asking);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    byId("tables").hidden = asking.length === 0;
    byId("tables-list").replaceChildren(...asking.map((check) => this.#item(check)));
  }

  #item(check) {
    const item = make("li");
    const button = make("button", "button table");
    button.type = "button";
    const place = check.place || this.texts.say("table.unknown");
    button.append(make("b", "", place), make("span", "small soft", [check.waiter, this.#since(check)].filter(Boolean).join(" · ")));
    button.addEventListener("click", () => this.#open(check, place));
    item.append(button);
    return item;
  }

  #since({ first_line_at: at }) {
    return at ? this.texts.since(at) : "";
  }

  async #open(check, place) {
    this.chosen = check;
    set("table-title", this.texts.say("table.ask", { place }));
    set("table-say", check.amount ? this.texts.say("table.amount", { money: this.texts.money(check.amount) }) : "");
    const code = byId("table-code");
    code.classList.add("empty");
    this.dialog.showModal();
    const answer = await this.api.get(`/checks/${encodeURIComponent(check.id)}`);
    const link = answer.state === "done" ? answer.data.join_url : "";
    if (this.chosen !== check || !link) return;
    byId("table-image").src = `${this.page}/join-code.svg?link=${encodeURIComponent(link)}`;
    code.classList.remove("empty");
  }
}
