// Checks of the till: tried at once, or kept on the device and sent when there is a network.

import { newId } from "../api.js";
import { Courier } from "./courier.js";
import { APPLIED, waiting } from "./queue_rules.js";
import { Store } from "./store.js";

export class Sending {
  constructor({ installer, program, staff, ...rest }) {
    Object.assign(this, { installer, staff });
    this.courier = new Courier({ store: new Store(program), program, staff, ...rest });
    this.queue = this.courier.queue;
    this.panel = this.courier.panel;
  }

  /** Whether this browser can keep anything. */
  async usable() {
    return this.queue.store.all().then(() => true, () => false);
  }

  flush() {
    return this.courier.flush();
  }

  /** Keeps an earn that has not been tried. Resolves when it is on the disk. */
  async keep({ card, amount, check, last }) {
    const body = { card, check_id: check, amount };
    await this.queue.keep({ key: newId(), body, last, amount, staff: this.staff });
    await this.installer.sendLater();
  }

  /** Tries an earn at once, and keeps it when nobody answers. Resolves to the answer. */
  async directly(step, last, send) {
    const { key, body } = step;
    const answer = await this.queue.directly({ key, body, last, amount: body.amount, staff: this.staff }, send);
    if (answer.state !== "unanswered") return answer;
    await this.installer.sendLater();
    return { ...answer, kept: true };
  }

  /** Takes over an earn that may have been sent before. */
  async adopt({ key, body }, last) {
    const there = (await this.queue.store.all()).some((entry) => entry.key === key);
    if (!there) await this.queue.store.add(waiting({ key, body, last, amount: body.amount, staff: this.staff, queued: Date.now(), sent: true }));
  }

  /** Whoever signs out leaves behind what waits and what somebody must read, and nothing else. */
  async tidy() {
    const booked = (await this.queue.store.all()).filter(({ state }) => state === APPLIED);
    await Promise.all(booked.map(({ key }) => this.queue.store.update(key, () => null)));
  }

  start() {
    this.panel.refresh();
    this.flush();
  }
}
