// What is done with coats: at once where the server answers, else kept on the device and sent when it does. Each once, by its key.

import { newId } from "../api.js";
import { Courier } from "../till/courier.js";
import { WAITING } from "../till/queue_rules.js";
import { Store } from "../till/store.js";
import * as rules from "./rules.js";

const QUICK = { tries: 2, timeout: 5000 }; // what can be kept is not waited for long

export class Deeds {
  /**
   * `staff` is {id, name}; `onChange()` is called when the queue may be another, `onDone(data, name)` when the server has done what could
   * also have been kept.
   */
  constructor({ api, network, installer, staff, program, onDone, ...rest }) {
    Object.assign(this, { api, network, installer, staff, onDone });
    const ours = { store: new Store(program, "coats"), rules, name: "coats", title: ({ title }) => title };
    this.courier = new Courier({ ...ours, api, network, staff, program, ...rest });
    this.queue = this.courier.queue;
    this.panel = this.courier.panel;
  }

  entries = () => this.queue.entries();

  /**
   * Does a deed on a ticket. `more` goes along with what happens now, `past` with what is told later: the numbers that the device gave.
   * Resolves to the server's answer, or to {state: "kept"}.
   */
  async keepable(path, { ticket, title, body, more = {}, past = {}, name = "" }) {
    const late = { key: newId(), body: { ...body, ...past, at: new Date().toISOString() } };
    const entry = { key: newId(), path, ticket, title, staff: this.staff, name };
    const behind = (await this.entries().catch(() => [])).some((one) => one.ticket === ticket && one.state === WAITING);
    if (!this.network.up || behind) {
      await this.queue.keep({ ...entry, body: late.body });
      if (this.network.up) this.flush();
      else await this.installer.sendLater();
      return { state: "kept" };
    }
    const now = { ...body, ...more };
    const answer = await this.queue.directly({ ...entry, body: now, late }, () => this.api.post(path, now, { key: entry.key, ...QUICK }));
    if (answer.state === "done") await this.onDone(answer.data, name);
    if (answer.state !== "unanswered") return answer;
    await this.installer.sendLater();
    return { state: "kept" };
  }

  /** What only the server can do. */
  now(path, body) {
    return this.api.post(path, body, { key: newId(), tries: 3 });
  }

  flush() {
    return this.courier.flush();
  }
}
