// From the confirmed check to the last screen: booked, refused, or kept for later.

import { Check } from "../check.js";
import { set } from "./page.js";
import { Units } from "./units.js";

const QUICK = { tries: 2, timeout: 5000 }; // what can be kept is not waited for long
const STALE = ["insufficient_balance", "conflict", "changing_code_needed"];

export class Booking {
  /** `visit` is what the till has in hand; `sending` is null where nothing is really booked; `reasons` says whether a reason may stand for a proof; the rest are the till's screens and voices. */
  constructor(parts) {
    Object.assign(this, parts);
  }

  async book(amount, points, reason) {
    const { visit, network, sending } = this;
    if (visit.busy) return;
    const begun = visit.check.unfinished;
    if (!begun && points && !reason && !(await this.prove(points))) return;
    if (!begun) visit.check.plan(amount, points, reason);
    if (!begun && sending && !network.up && visit.check.keepable) return this.#keepPlanned();
    this.#answered(await this.#send(), amount);
  }

  async #send() {
    const { visit, guest, sending, texts } = this;
    visit.busy = true;
    guest.lock("sending");
    this.tell(texts.say("sending"));
    const directly = (step, send) => sending.directly(step, this.#last, () => send(QUICK));
    const answer = await visit.check.send(this.api, sending && (await sending.usable()) ? directly : undefined);
    visit.busy = false;
    return answer;
  }

  #answered(answer, amount) {
    const { visit, guest, texts, sending } = this;
    if (answer.code === "sign_in_required") return this.#signInFirst();
    if (answer.state === "unanswered") {
      if (sending && visit.check.keepable && answer.kept) return this.#kept(amount, this.#last);
      guest.lock("unanswered");
      return this.warn(texts.say("unanswered_write"));
    }
    guest.lock(null);
    if (answer.state === "done" || visit.check.booked.length) return this.#booked(answer);
    return this.#refused(answer);
  }

  /** An earn waits in the queue for whoever signs in; what points were to pay waits with the page, and is asked for again. */
  #signInFirst() {
    if (this.sending && this.visit.check.keepable) this.visit.check.forget();
    this.signIn();
  }

  /** Asks for proof that it is the guest who pays so much. Resolves to whether nothing stands in the way now. */
  async prove(points) {
    const { visit, factor, guest } = this;
    const { redeeming, card } = visit.check.view;
    const free = points <= (redeeming.above ?? Infinity) && redeeming.needs === "nothing";
    if (free || !redeeming.factors?.length) return true;
    const { check } = visit;
    const proof = await factor.ask(card.id, redeeming.factors, Number.isFinite(points) && redeeming.needs === "nothing");
    if (visit.check !== check) return false;
    if (proof) check.view.redeeming = { ...redeeming, needs: "nothing", above: Infinity, proof };
    else if (this.reasons) check.view.redeeming = { ...redeeming, needs: "reason" };
    guest.show(check.view, { keep: true });
    return Boolean(proof);
  }

  async #refused({ code, maximum, detail, factors, above }) {
    const { visit, guest, texts } = this;
    const sentence = texts.known(code) || detail || texts.error(code);
    const { view } = visit.check;
    if (code === "above_cap" && maximum !== null) guest.limit(maximum);
    if (code === "changing_code_needed") view.redeeming = { ...view.redeeming, needs: "proof", proof: "" };
    if (code === "second_factor_needed") view.redeeming = { ...view.redeeming, ...(factors && { factors }), above: Math.min(above ?? 0, view.redeeming.above ?? 0) };
    if (code === "reason_needed") view.redeeming = { ...view.redeeming, needs: "reason" };
    if (code === "reason_needed") guest.show(view, { keep: true });
    if (STALE.includes(code)) await this.lookUp(view.card.number.replace(/\D/g, ""), true);
    this.warn(code === "above_cap" ? texts.error(code, maximum) : sentence);
  }

  /** An earn that nobody has sent: it is kept with the moment in which it happened. */
  async #keepPlanned() {
    const { amount, view, id } = this.visit.check;
    await this.sending.keep({ card: view.card.id, amount, check: id, last: this.#last });
    this.#kept(amount, this.#last);
  }

  /** The same for a guest whom nobody could look up. */
  async keep({ card, amount, last }) {
    const { id } = new Check({ view: null });
    await this.sending.keep({ card, amount, check: id, last });
    this.#kept(amount, last);
  }

  /** An earn that was on its way when the page went is among those that are sent by themselves. */
  async adopt() {
    const { keepable, amount } = this.visit.check;
    await this.sending.adopt(keepable, this.#last);
    this.#kept(amount, this.#last);
  }

  #kept(amount, last) {
    const { visit, texts, done, says } = this;
    const lines = visit.check ? this.#lines(visit.check) : [];
    lines.push(texts.say("queue.kept_line", { money: texts.money(amount), card: texts.say("queue.card", { digits: last }) }));
    visit.check?.forget();
    visit.check = null;
    done.show({ title: texts.say("queue.kept"), lines });
    says.kept();
    this.show("done");
    done.focus();
    this.tell("");
    this.sending.flush();
  }

  #booked(answer) {
    const { visit, texts, done, says } = this;
    const { view, balance, booked } = visit.check;
    const units = new Units(texts, view.rules);
    const lines = this.#lines(visit.check);
    if (balance.pending) lines.push(units.later(balance.pending));
    const earn = booked.find(({ kind }) => kind === "earn");
    const title = texts.say("has_now", { name: view.guest.name || texts.say("unnamed") });
    done.show({ title, balance, units, lines, undoable: true, movable: booked.length === 1 && Boolean(earn) });
    says.done(units.kind === "points" ? (earn?.result.entry.points ?? 0) : 0);
    this.show("done");
    done.focus();
    done.follow(view.card.id, this.api);
    if (answer.state === "done") this.tell("");
    else this.warn(`${texts.say("half_done")} ${texts.error(answer.code, answer.maximum)}`);
    set("spoken", "");
  }

  #lines({ booked, amount, view }) {
    const { texts } = this;
    const units = new Units(texts, view.rules);
    return booked.map(({ kind, result }) => {
      const points = Math.abs(result.entry.points);
      return kind === "earn" ? units.added(points, texts.money(amount)) : units.paid(points);
    });
  }

  get #last() {
    return this.visit.check.view.card.number.slice(-4);
  }
}
