// The guest with a check: who it is, what the check costs, what points pay, what it earns.

import { parseMoney } from "./money.js";
import { isFirst, showFacts } from "./till/facts.js";
import { byId, set } from "./till/page.js";
import { Reckoning } from "./till/reckoning.js";
import { Recent } from "./till/recent.js";
import { Units } from "./till/units.js";

export class GuestScreen {
  #view = null;
  #units = null;
  #limit = Infinity;
  #state = null;

  #offline = false;

  /**
   * `onConfirm(amount, points, reason)` when the check is confirmed; `onUndo` and `onMove(entry id, words)` for an entry of the list;
   * `checkId()` is the name of the check in hand; `onScan()` for the code that changes, `onProof()` for another proof.
   */
  constructor({ texts, api, checkId, onConfirm, onUndo, onMove, onScan, onProof }) {
    Object.assign(this, { texts, onConfirm, checkId });
    this.reckoning = new Reckoning({ api, onAnswer: () => this.#reckoned() });
    this.recent = new Recent({ texts, onUndo, onMove });
    byId("scan-changing").addEventListener("click", onScan);
    byId("other-proof").addEventListener("click", onProof);
    byId("check").addEventListener("submit", (event) => this.#submit(event));
    byId("amount").addEventListener("input", () => this.#amountChanged());
    byId("points").addEventListener("input", () => this.#refresh());
    byId("points-slider").addEventListener("input", () => this.#slide());
    byId("points-all").addEventListener("click", () => this.#all());
  }

  show(view, { keep = false, amount = null, points = 0 } = {}) {
    this.#view = view;
    this.#limit = Infinity;
    const { texts } = this;
    this.#units = new Units(texts, view.rules);
    this.reckoning.forget();
    showFacts(view, texts);
    this.recent.show(view.recent ?? [], this.#units, isFirst(view));
    this.#layOut();
    const { factors } = view.redeeming;
    byId("scan-changing").hidden = !this.#unproved || !this.#changes;
    byId("other-proof").hidden = !this.#unproved || !factors?.some((kind) => kind !== "changing_code");
    set("other-proof", texts.say(byId("scan-changing").hidden ? "factor.prove" : "factor.another"));
    byId("unproved").hidden = view.redeeming.needs !== "reason" || !view.card.points;
    if (!keep) byId("when-paid").hidden = true;
    if (!keep) {
      byId("unproved-reason").value = "";
      set("unproved-wrong", "");
      byId("amount").value = amount === null ? "" : texts.plainMoney(amount);
      byId("points").value = this.#written(points);
      set("amount-wrong", "");
      byId("amount").removeAttribute("aria-invalid");
    }
    this.#clamp();
    this.lock(null);
    this.#ask();
  }

  /** What this kind of card pays with: a number of points or an amount, a whole reward, or nothing. */
  #layOut() {
    const { stamps, none } = this.#units;
    byId("redeem").hidden = none;
    for (const id of ["points", "points-slider"]) byId(id).hidden = stamps;
    byId("points").inputMode = this.#units.kind === "cashback" ? "decimal" : "numeric";
    byId("redeem").classList.toggle("whole", stamps);
    byId("redeem").classList.toggle("money", this.#units.kind === "cashback");
    byId("points-pay").parentElement.hidden = none;
    byId("earns").parentElement.hidden = none;
    byId("discount").parentElement.hidden = !none;
    set("redeem-title", this.#units.ready(this.#view.card.points) || this.texts.say(`pay_with.${this.#units.kind}`));
    set("points-pay-title", this.texts.say(`pays.${this.#units.kind}`));
  }

  #ask() {
    if (!this.#offline && this.#view) this.reckoning.ask(this.#view, this.checkId?.(), this.#amount());
  }

  /** Points that were right follow the server's maximum; wrong ones stay as they were typed, and told as wrong. */
  #reckoned() {
    if (byId("points").getAttribute("aria-invalid") !== "true") this.#clamp();
    this.#refresh();
  }

  /** The most that may be; of a reward also none again. */
  #all() {
    const most = this.#maximum();
    this.#choose(this.#units.stamps && this.#points() === most ? 0 : most);
  }

  /** Points as they stand in the field: an amount where they are money. */
  #written(points) {
    return this.#units.kind === "cashback" ? this.texts.plainMoney(points * this.#view.rules.point_value) : String(points);
  }

  /** Without a network nobody can check a balance, so points do not pay. */
  set offline(offline) {
    this.#offline = offline;
    if (!this.#view) return;
    this.#ask();
    this.#clamp();
    this.#refresh();
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
    for (const id of ["scan-changing", "other-proof"]) byId(id).disabled = state !== null;
    byId("not-this-guest").hidden = state !== null;
    byId("leave").hidden = state === null;
    byId("leave").disabled = state === "sending";
    this.#refresh();
  }

  /** Whether points wait for the code that changes. */
  get #unproved() {
    return this.#view.redeeming.needs !== "nothing" && this.#view.card.points > 0;
  }

  /** Whether the guest's own wallet shows the proof. */
  get #changes() {
    return this.#view.redeeming.factors?.includes("changing_code") ?? true;
  }

  #amount() {
    return parseMoney(byId("amount").value, this.texts.currency, this.texts.locale);
  }

  #points() {
    const text = byId("points").value.trim();
    if (this.#units.kind === "cashback") return /^[0.,]*$/.test(text) ? 0 : Math.floor((parseMoney(text, this.texts.currency, this.texts.locale) ?? NaN) / this.#view.rules.point_value);
    return /^\d*$/.test(text) ? Number(text) : NaN;
  }

  #maximum() {
    const amount = this.#amount();
    const { card, rules } = this.#view;
    if (!amount || card.debt || this.#offline || this.#view.redeeming.needs === "proof") return 0;
    const most = Math.min(this.reckoning.most(this.#view, this.#units, amount), this.#limit);
    return most >= Math.max(1, rules.minimum_points) ? most : 0;
  }

  /** Why points cannot pay now, or how many can. */
  #hint(maximum) {
    const { texts } = this;
    const units = this.#units;
    const { card, rules } = this.#view;
    if (this.#offline) return texts.say("redeem_offline");
    if (card.debt) return texts.say("redeem_debt");
    if (units.stamps && !units.rewards(card.points)) return texts.count("stamps_missing", units.step - card.points);
    if (!card.points) return texts.say(units.kind === "points" ? "redeem_no_points" : "redeem_nothing");
    if (units.kind === "points" && card.points < rules.minimum_points) return texts.count("redeem_minimum", rules.minimum_points);
    if (this.#view.redeeming.needs === "proof") return this.#changes ? texts.error("changing_code_needed") : texts.say("factor.first");
    if (!this.#amount()) return texts.say("redeem_amount_first");
    if (!maximum) return texts.say("redeem_small_check");
    const money = texts.money(this.reckoning.worth(this.#view, units, this.#amount(), maximum));
    if (units.stamps) return texts.say("reward_pays", { money });
    return units.kind === "cashback" ? texts.say("cashback_at_most", { money }) : `${texts.count("at_most", maximum)} = ${money}`;
  }

  #valid(points, maximum) {
    return points === 0 || (points >= this.#view.rules.minimum_points && points <= maximum && points % this.#units.step === 0);
  }

  #amountChanged() {
    this.#limit = Infinity;
    set("amount-wrong", "");
    byId("amount").removeAttribute("aria-invalid");
    this.#clamp();
    this.#refresh();
    this.#ask();
  }

  #clamp() {
    if (this.#points() > this.#maximum()) byId("points").value = this.#written(this.#maximum());
  }

  #slide() {
    const { minimum_points: minimum } = this.#view.rules;
    const value = Number(byId("points-slider").value);
    this.#choose(value >= minimum ? value : value * 2 < minimum ? 0 : minimum);
  }

  #choose(points) {
    byId("points").value = this.#written(points);
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
    set("points-all", this.#allWord(points, maximum));
    // Points that cannot be taken have no price: nothing is promised to the guest before they are put right.
    const worth = this.reckoning.worth(this.#view, this.#units, amount ?? 0, points);
    const discount = amount ? this.reckoning.discount(this.#view, this.#units, amount) : 0;
    const earned = amount ? this.reckoning.earns(this.#view, this.#units, amount, points) : null;
    set("points-pay", fits ? texts.money(-worth || 0) : "–");
    set("discount", texts.money(-discount || 0));
    set("guest-pays", fits && amount ? texts.money(amount - worth - discount) : "–");
    set("earns", fits && earned !== null ? this.#units.words(earned) : "–");
    set("confirm", this.#state === null && wrong ? wrong : this.#button(amount, points, earned));
    byId("confirm").setAttribute("aria-disabled", String(this.#state === "sending" || (this.#state === null && !fits)));
  }

  /** What is wrong with the points in the field. */
  #refusePoints(points, maximum) {
    const { minimum_points: minimum } = this.#view.rules;
    if (this.#units.kind !== "points") return this.texts.say("pays_at_most", { what: this.#units.words(maximum) });
    return points < minimum ? this.texts.count("redeem_minimum", minimum) : this.texts.count("points_at_most", maximum);
  }

  #allWord(points, maximum) {
    if (!this.#units.stamps) return this.texts.say("maximum");
    return this.texts.say(maximum && points === maximum ? "reward_keep" : "reward_take");
  }

  #button(amount, points, earned) {
    const { texts } = this;
    const units = this.#units;
    if (this.#state === "sending") return texts.say("sending");
    if (this.#state === "unanswered") return texts.say("try_again");
    if (units.none) return texts.say("book_check");
    if (!amount) return texts.say(units.kind === "points" ? "add_nothing" : "book_check");
    if (units.stamps && (points || earned === null)) return texts.say(points ? "give_reward" : "book_check");
    if (units.kind !== "points") return points ? texts.say("take_and_add", { taken: units.words(points), added: units.words(earned) }) : texts.say("add_what", { what: units.words(earned) });
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
}
