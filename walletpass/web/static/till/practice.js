// The server of the training mode, in the browser: it answers as the real one does, from invented guests, and no request leaves.

import { newId } from "../api.js";
import { keepable } from "../codes.js";
import { earnedPoints, maximumPoints } from "../money.js";

const DAY = 24 * 3600 * 1000;
const DELIVERY = { devices: 0, lagging: false, version: 0, points: null, fetched_at: null, sent_at: null, google: null };

const done = (data) => ({ state: "done", status: 200, again: false, data });
const refused = (code, more = {}) => ({ state: "refused", code, detail: "", maximum: null, ...more });

export class PracticeApi {
  #entries = new Map();
  #answers = new Map();
  #guests;

  /** `cards`, `rules`, `above` and `code` as the page's own list has them. */
  constructor({ cards, rules, above, code }) {
    Object.assign(this, { cards, rules, above, code });
    this.#guests = cards.filter(({ guest }) => guest).map(({ slug, name, code: number, guest }) => ({ id: slug, name, number, recent: [], ...structuredClone(guest) }));
    for (const known of this.#guests.filter(({ visits }) => visits)) known.recent.push(this.#lastVisit(known));
  }

  /** What a guest who was here before has in the list; it was too long ago to be undone. */
  #lastVisit({ average_check: average, days }) {
    return { id: newId(), type: "earn", points: this.#earned(average, 0), check_id: newId(), at: new Date(Date.now() - days * DAY).toISOString(), reversible: false };
  }

  async post(path, body, { key = null } = {}) {
    if (key && this.#answers.has(key)) return { ...this.#answers.get(key), again: true };
    const answer = this.#answer(path, body);
    if (key && answer.state === "done") this.#answers.set(key, answer);
    return answer;
  }

  async get(path) {
    if (path.startsWith("/cards/")) return done(DELIVERY);
    const wanted = new URLSearchParams(path.split("?")[1]).get("search")?.toLowerCase();
    if (wanted === undefined) return done({ checks: [] });
    return done({ guests: this.#guests.filter(({ name }) => name.toLowerCase().includes(wanted)).map(({ id, name, number }) => ({ card: id, name, masked_phone: "", number: number.slice(-4) })) });
  }

  #answer(path, body) {
    const deeds = {
      "/guests/by-code": () => this.#byCode(body),
      "/earn": () => this.#earn(body),
      "/redeem": () => this.#redeem(body),
      "/undo": () => this.#undo(body),
      "/move": () => this.#move(body),
      "/second-factor/start": () => done({ sent_to: "", expires_at: new Date(Date.now() + 300000).toISOString() }),
      "/second-factor/verify": () => (body.code === this.code ? done({ proof: newId() }) : refused("wrong_factor")),
    };
    return deeds[path]?.() ?? refused("not_found");
  }

  #find(text) {
    return this.#guests.find(({ id, number }) => text === id || text === number);
  }

  #byCode({ code }) {
    const guest = this.#find(code);
    if (guest) return done(this.#view(guest));
    if (this.cards.some((card) => card.code === code && card.slug === "changed")) return refused("code_expired");
    return refused(keepable(code) === "no" ? "not_our_code" : "real_card");
  }

  #view(guest) {
    const { id, name, number, points, debt, visits, average_check: average, days, favourites, recent } = guest;
    return {
      card: { id, number, points, pending: 0, held: 0, debt },
      guest: { id, name },
      redeeming: { needs: "nothing", proof: "", above: this.above, factors: ["card_code", "pin"] },
      delivery: DELIVERY,
      visits,
      first_visit: visits === 0,
      regular: visits >= 5,
      favourites,
      average_check: average,
      days_since_last_visit: days,
      rules: this.rules,
      recent: recent.slice(0, 8),
    };
  }

  #earn({ card, check_id: check, amount }) {
    const guest = this.#find(card);
    if (!guest) return refused("not_found");
    const paid = [...this.#entries.values()].filter((entry) => entry.check_id === check && entry.type === "redeem" && !entry.undone);
    if ([...this.#entries.values()].some((entry) => entry.check_id === check && entry.type === "earn" && !entry.undone)) return refused("already_earned");
    const points = this.#earned(amount, -paid.reduce((sum, entry) => sum + entry.points, 0));
    guest.visits += 1;
    guest.days = 0;
    return this.#book(guest, "earn", points, check);
  }

  #earned(amount, points) {
    if (this.rules.kind === "discount") return 0;
    return this.rules.kind === "stamps" ? 1 : earnedPoints(amount, points, this.rules);
  }

  #redeem({ card, check_id: check, amount, points, proof }) {
    const guest = this.#find(card);
    if (!guest) return refused("not_found");
    if (guest.debt || points > guest.points) return refused("insufficient_balance");
    const maximum = this.rules.kind === "stamps" ? this.rules.stamp_goal : maximumPoints(amount, guest.points, this.rules);
    if (points > maximum) return refused("above_cap", { maximum });
    if (points > this.above && !proof) return refused("second_factor_needed");
    return this.#book(guest, "redeem", -points, check);
  }

  #undo({ entry: id }) {
    const entry = this.#entries.get(id);
    if (!entry) return refused("not_found");
    if (entry.undone) return refused("already_reversed");
    return this.#takeBack(entry);
  }

  #takeBack(entry) {
    entry.undone = true;
    entry.reversible = false;
    return this.#book(entry.guest, `${entry.type}_reversal`, -entry.points, entry.check_id);
  }

  #move({ entry: id, to }) {
    const [entry, guest] = [this.#entries.get(id), this.#find(to)];
    if (!entry || !guest) return refused("not_found");
    if (entry.undone) return refused("already_reversed");
    const from = entry.guest;
    this.#takeBack(entry);
    const { data } = this.#book(guest, entry.type, entry.points, entry.check_id);
    const balances = [from, guest].map(({ id: card, points, debt }) => ({ card, points, pending: 0, held: 0, debt }));
    return done({ entry: data.entry, balances });
  }

  /** Debt is paid first, as the real ledger has it. */
  #book(guest, type, points, check) {
    const net = guest.points - guest.debt + points;
    guest.points = Math.max(0, net);
    guest.debt = Math.max(0, -net);
    const reversible = type === "earn" || type === "redeem";
    const entry = { id: newId(), type, points, check_id: check, at: new Date().toISOString(), reversible };
    this.#entries.set(entry.id, Object.assign(entry, { undone: false }));
    Object.defineProperty(entry, "guest", { value: guest });
    guest.recent.unshift(entry);
    return done({ entry, balance: { points: guest.points, pending: 0, held: 0, debt: guest.debt } });
  }
}
