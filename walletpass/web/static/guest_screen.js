// The guest with a check: who it is, what the check costs, what points pay, what it earns.

import { earnedPoints, maximumPoints, parseMoney } from "./money.js";
import { standing } from "./proof.js";

const byId = (id) => document.getElementById(id);
const set = (id, text) => {
  byId(id).textContent = text;
};

function optionalRow(id, value, text) {
  byId(id).parentElement.hidden = !value;
  set(id, text);
}

export class GuestScreen {
  #view = null;
  #limit = Infinity;
  #state = null;

  /** `onConfirm(amount, points, reason)` when the check is confirmed; `onUndo(entry id, words)` for an entry of the list. */
  constructor({ texts, onConfirm, onUndo, onScan }) {
    Object.assign(this, { texts, onConfirm, onUndo });
    byId("scan-changing").addEventListener("click", onScan);
    byId("check").addEventListener("submit", (event) => this.#submit(event));
    byId("amount").addEventListener("input", () => this.#amountChanged());
    byId("points").addEventListener("input", () => this.#refresh());
    byId("points-slider").addEventListener("input", () => this.#slide());
    byId("points-all").addEventListener("click", () => this.#choose(this.#maximum()));
  }

  show(view, { keep = false, amount = null, points = 0 } = {}) {
    this.#view = view;
    this.#limit = Infinity;
    const { card, guest } = view;
    const { texts } = this;
    set("guest-name", guest.name);
    set("guest-points", texts.number(card.points));
    set("guest-points-word", texts.count("points_word", card.points));
    set("phone-shows", standing(view.delivery, texts));
    set("visits", texts.number(view.visits));
    set("average", view.average_check === null ? texts.say("unknown") : texts.money(view.average_check));
    set("last-visit", view.days_since_last_visit === null ? texts.say("never") : texts.ago(view.days_since_last_visit));
    optionalRow("pending", card.pending, texts.count("points", card.pending ?? 0));
    optionalRow("held", card.held, texts.count("points", card.held ?? 0));
    optionalRow("debt", card.debt, texts.count("points", card.debt ?? 0));
    set("card-number", card.number.replace(/^(\d{4})(\d{4})$/, "$1 $2"));
    this.#recent(view.recent ?? []);
    byId("scan-changing").hidden = !this.#unproved;
    byId("unproved").hidden = view.redeeming.needs !== "reason" || !card.points;
    if (!keep) {
      byId("unproved-reason").value = "";
      set("unproved-wrong", "");
      byId("amount").value = amount === null ? "" : texts.plainMoney(amount);
      byId("points").value = String(points);
      set("amount-wrong", "");
      byId("amount").removeAttribute("aria-invalid");
    }
    this.#clamp();
    this.lock(null);
  }

  focus() {
    byId("amount").focus({ preventScroll: true });
  }

  /** The server named a smaller maximum than ours. */
  limit(maximum) {
    this.#limit = maximum;
    this.#choose(maximum);
    byId("points").focus();
  }

  /** null: free to type; "sending": wait; "unanswered": only the same check may be sent again. */
  lock(state) {
    this.#state = state;
    for (const id of ["amount", "unproved-reason"]) byId(id).readOnly = state !== null;
    byId("scan-changing").disabled = state !== null;
    byId("not-this-guest").hidden = state !== null;
    byId("leave").hidden = state === null;
    byId("leave").disabled = state === "sending";
    this.#refresh();
  }

  /** Whether points wait for the code that changes. */
  get #unproved() {
    return this.#view.redeeming.needs !== "nothing" && this.#view.card.points > 0;
  }

  #amount() {
    return parseMoney(byId("amount").value, this.texts.currency, this.texts.locale);
  }

  #points() {
    const text = byId("points").value.trim();
    return /^\d*$/.test(text) ? Number(text) : NaN;
  }

  #maximum() {
    const amount = this.#amount();
    const { card, rules } = this.#view;
    if (!amount || card.debt || this.#view.redeeming.needs === "proof") return 0;
    const most = Math.min(maximumPoints(amount, card.points, rules), this.#limit);
    return most >= Math.max(1, rules.minimum_points) ? most : 0;
  }

  /** Why points cannot pay now, or how many can. */
  #hint(maximum) {
    const { texts } = this;
    const { card, rules } = this.#view;
    if (card.debt) return texts.say("redeem_debt");
    if (!card.points) return texts.say("redeem_no_points");
    if (card.points < rules.minimum_points) return texts.count("redeem_minimum", rules.minimum_points);
    if (this.#view.redeeming.needs === "proof") return texts.error("changing_code_needed");
    if (!this.#amount()) return texts.say("redeem_amount_first");
    if (!maximum) return texts.say("redeem_small_check");
    return `${texts.count("at_most", maximum)} = ${texts.money(maximum * rules.point_value)}`;
  }

  #valid(points, maximum) {
    return points === 0 || (points >= this.#view.rules.minimum_points && points <= maximum);
  }

  #amountChanged() {
    this.#limit = Infinity;
    set("amount-wrong", "");
    byId("amount").removeAttribute("aria-invalid");
    this.#clamp();
    this.#refresh();
  }

  #clamp() {
    if (this.#points() > this.#maximum()) byId("points").value = String(this.#maximum());
  }

  #slide() {
    const { minimum_points: minimum } = this.#view.rules;
    const value = Number(byId("points-slider").value);
    this.#choose(value >= minimum ? value : value * 2 < minimum ? 0 : minimum);
  }

  #choose(points) {
    byId("points").value = String(points);
    this.#refresh();
  }

  #refresh() {
    const { texts } = this;
    const { rules } = this.#view;
    const typed = this.#amount();
    const amount = typed <= (rules.max_amount ?? Infinity) ? typed : null;
    const maximum = this.#maximum();
    const points = this.#points();
    const fits = this.#valid(points, maximum);
    const off = this.#state !== null || maximum === 0;
    for (const id of ["points", "points-slider", "points-all"]) byId(id).disabled = off;
    byId("points-slider").max = String(maximum || 1);
    byId("points-slider").value = String(points || 0);
    byId("points").setAttribute("aria-invalid", String(!fits));
    byId("redeem").classList.toggle("off", maximum === 0);
    const wrong = fits ? "" : this.#refusePoints(points, maximum);
    set("redeem-hint", wrong || this.#hint(maximum));
    byId("redeem-hint").classList.toggle("wrong", !fits);
    // Points that cannot be taken have no price: nothing is promised to the guest before they are put right.
    set("points-pay", fits ? texts.money(-points * rules.point_value || 0) : "–");
    set("guest-pays", fits && amount ? texts.money(amount - points * rules.point_value) : "–");
    set("earns", fits && amount ? texts.count("points", earnedPoints(amount, points, rules)) : "–");
    set("confirm", this.#state === null && wrong ? wrong : this.#button(amount, points));
    byId("confirm").setAttribute("aria-disabled", String(this.#state === "sending" || (this.#state === null && !fits)));
  }

  /** What is wrong with the points in the field. */
  #refusePoints(points, maximum) {
    const { minimum_points: minimum } = this.#view.rules;
    return points < minimum ? this.texts.count("redeem_minimum", minimum) : this.texts.count("points_at_most", maximum);
  }

  #button(amount, points) {
    const { texts } = this;
    if (this.#state === "sending") return texts.say("sending");
    if (this.#state === "unanswered") return texts.say("try_again");
    if (!amount) return texts.say("add_nothing");
    const earned = earnedPoints(amount, points, this.#view.rules);
    if (!points) return texts.count("add", earned);
    return texts.say("take_and_add", { taken: texts.number(points), added: texts.number(earned) });
  }

  #submit(event) {
    event.preventDefault();
    if (this.#state === "sending") return;
    const amount = this.#amount();
    const most = this.#view.rules.max_amount ?? Infinity;
    if (!amount) this.#refuseAmount(this.texts.say("amount_wrong", { money: this.texts.example() }));
    else if (amount > most) this.#refuseAmount(this.texts.say("amount_too_big", { money: this.texts.money(most) }));
    else if (!this.#valid(this.#points(), this.#maximum())) byId("points").select();
    else if (!this.#reasoned()) byId("unproved-reason").focus();
    else this.onConfirm(amount, this.#points(), this.#unproved ? byId("unproved-reason").value.trim() : "");
  }

  /** A manager may spend points without the code that changes, and says why. */
  #reasoned() {
    const missing = this.#unproved && this.#points() > 0 && byId("unproved-reason").value.trim().length < 3;
    set("unproved-wrong", missing ? this.texts.error("reason_needed") : "");
    byId("unproved-reason").setAttribute("aria-invalid", String(missing));
    return !missing;
  }

  #refuseAmount(sentence) {
    set("amount-wrong", sentence);
    byId("amount").setAttribute("aria-invalid", "true");
    byId("amount").focus();
  }

  #recent(entries) {
    byId("recent").replaceChildren(...entries.map((entry) => this.#entry(entry)));
    byId("recent-empty").hidden = entries.length > 0;
  }

  #entry(entry) {
    const { texts } = this;
    const what = texts.say(`type.${entry.type}`) || texts.say("type.other");
    const row = document.createElement("li");
    const words = document.createElement("p");
    const time = document.createElement("time");
    const points = document.createElement("b");
    time.dateTime = entry.at;
    time.className = "soft small";
    time.textContent = texts.when(entry.at);
    points.className = "number";
    points.textContent = texts.signed(entry.points);
    words.append(what, document.createElement("br"), time);
    row.append(words, points);
    if (entry.reversible) row.append(this.#undoButton(entry, `${what}, ${texts.signed(entry.points)}, ${texts.when(entry.at)}`));
    return row;
  }

  #undoButton(entry, what) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = this.texts.say("undo");
    button.setAttribute("aria-label", this.texts.say("undo_this", { what }));
    button.addEventListener("click", () => this.onUndo(entry.id, what));
    return button;
  }
}
