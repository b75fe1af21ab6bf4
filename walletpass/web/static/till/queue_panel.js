// The queue as people see it: a count in the bar, and a list with what became of each check.

import { byId, make, set, words } from "./page.js";
import { counts, needsEyes, WAITING } from "./queue_rules.js";

const WORTH_A_TRY = ["sent", "others", "busy"];

export class QueuePanel {
  #outcome = "sent";

  /**
   * `queue` as in queue.js; `network` says whether the server answers; `staff` is the id of whoever is signed in on this page;
   * `title(entry)` names an entry that is no check.
   */
  constructor({ queue, network, texts, staff, title = null }) {
    Object.assign(this, { queue, network, texts, staff });
    this.title = title ?? (({ amount, last }) => `${texts.money(amount)} · ${texts.say("queue.card", { digits: last })}`);
    this.dialog = byId("queue");
    byId("queue-open").addEventListener("click", () => this.open());
    byId("queue-close").addEventListener("click", () => this.dialog.close());
    byId("queue-send").addEventListener("click", () => this.#sendNow());
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal();
    byId("queue-title").focus();
    this.refresh();
  }

  /** What the last attempt to send came to. */
  told(outcome) {
    this.#outcome = outcome;
    return this.refresh();
  }

  async refresh() {
    // A browser that keeps nothing has an empty queue, and offers none.
    const entries = await this.queue.entries().catch(() => []);
    const { waiting, eyes } = counts(entries);
    const badge = byId("queue-open");
    badge.hidden = this.network.up && !waiting && !eyes;
    badge.classList.toggle("danger", eyes > 0);
    set("queue-word", this.texts.say(this.network.up ? (eyes ? "queue.look" : "queue.waiting") : "queue.offline"));
    set("queue-count", waiting + eyes ? this.texts.number(waiting + eyes) : "");
    set("queue-say", this.#say(entries, waiting));
    byId("queue-empty").hidden = entries.length > 0;
    byId("queue-send").hidden = !waiting;
    byId("queue-send").disabled = false;
    byId("queue-sign-in").hidden = this.#outcome !== "sign_in" || !waiting;
    byId("queue-list").replaceChildren(...entries.map((entry) => this.#row(entry)));
  }

  #say(entries, waiting) {
    const { texts } = this;
    if (!waiting) return entries.length ? texts.say("queue.all_sent") : "";
    if (!this.network.up || this.#outcome === "offline") return texts.count("queue.waits", waiting);
    if (this.#outcome === "sign_in") return texts.say("queue.sign_in");
    const others = entries.filter((entry) => entry.state === WAITING && entry.staff.id !== this.staff);
    if (others.length) return texts.say("queue.others", { name: others[0].staff.name });
    return texts.count("queue.waits", waiting);
  }

  /** By hand everything goes, also what another person took: under the name of whoever presses. */
  async #sendNow() {
    byId("queue-send").disabled = true;
    set("queue-say", this.texts.say("sending"));
    const outcome = await this.queue.flush({ all: true });
    if (WORTH_A_TRY.includes(outcome)) this.network.heard({ state: "done" });
    else await this.network.look();
    await this.told(outcome);
  }

  #row(entry) {
    const { texts } = this;
    const row = make("li", `entry ${entry.state}`);
    const title = this.title(entry);
    const line = words(title, `${texts.clock(new Date(entry.queued).toISOString())} · ${entry.staff.name}`);
    line.append(make("span", "became", this.#became(entry)));
    row.append(line);
    if (!needsEyes(entry)) return row;
    const button = make("button", "button", texts.say("queue.seen"));
    button.type = "button";
    button.setAttribute("aria-label", texts.say("queue.seen_this", { what: title }));
    button.addEventListener("click", () => this.queue.acknowledge(entry.key));
    row.append(button);
    return row;
  }

  #became({ state, code, detail, again, tries }) {
    const { texts } = this;
    if (state === "conflict") return texts.known(code) || detail || texts.error(code);
    if (state === "waiting" && tries) return texts.count("queue.tried", tries);
    return texts.say(`queue.${state === "applied" && again ? "again" : state}`);
  }
}
