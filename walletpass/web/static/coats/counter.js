// What is done at the counter, and what is said of it afterwards.

import { newId } from "../api.js";
import { nameOf } from "./hook_dialog.js";
import { here, priceOf } from "./model.js";

export const hooksOf = (places) => [...new Set(places.map(({ hook }) => hook))].join(", ");
const chosen = (ticket, numbers) => ticket.items.filter(({ number }) => numbers.includes(number));

export class Counter {
  /** `visit` is who stands here; the rest are the screens, dialogs and voices of the page. */
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** Takes things in on their hooks; `words` say what they look like. */
  async hang(places, words) {
    const { visit, takingIn, texts } = this;
    const { who } = visit;
    visit.busy = true;
    takingIn.lock(true);
    const { answer, items, code, ticket } = await this.#takeIn(who, places, words);
    visit.busy = false;
    takingIn.lock(false);
    if (answer.code === "sign_in_required") return this.signIn();
    if (answer.state === "refused") return this.#notHung(answer);
    if (answer.state === "unanswered") return this.warn(texts.say("unanswered"));
    return this.#hung(who, answer, answer.data ?? { ticket, items, code, url: "", price: priceOf(this.room.kinds, items) });
  }

  async #takeIn(who, places, words) {
    const { takingIn, texts, deeds } = this;
    const room = this.room.chosen.id;
    const described = who.ticket ? { description: words } : {};
    const items = places.map(({ kind, hook }) => ({ kind, hook, ...described }));
    if (who.how === "wallet") {
      return { items, answer: await deeds.now("/coats/check-in", { room, wallet_ticket: true, description: words, items }) };
    }
    const ticket = who.ticket?.ticket ?? newId();
    const code = who.how === "code" && !who.ticket ? takingIn.code : "";
    const name = who.name || (code ? texts.say("code_of", { code }) : texts.say("guest"));
    const body = { room, ticket, ...(who.ticket ? {} : { description: words }), ...(who.card ? { card: who.card } : {}), ...(code ? { code } : {}) };
    const first = Math.max(0, ...(who.ticket?.items ?? []).map(({ number }) => number)) + 1;
    const past = { items: items.map((one, place) => ({ ...one, number: first + place })) };
    const what = { ticket, title: `${name} · ${hooksOf(items)}`, name: who.name, body, more: { items }, past };
    return { items, code, ticket, answer: await deeds.keepable("/coats/check-in", what) };
  }

  #hung(who, answer, done) {
    const { texts, room, photo } = this;
    if (who.card) room.remember(who.card, done.ticket);
    const mine = done.done ? done.items.filter(({ number }) => done.done.includes(number)) : done.items;
    const price = done.price ? texts.say("price", { money: texts.money(done.price) }) : "";
    const kept = answer.state === "kept" ? texts.say("kept_for_later") : "";
    const said = [price, kept].filter(Boolean).join(" · ");
    this.finish(hooksOf(mine), texts.say("hung", { name: who.name || texts.say("guest") }), said, { url: done.url, digits: who.ticket ? "" : done.code });
    photo.offer(answer.data && mine.length ? { ticket: done.ticket, number: mine[0].number } : null);
  }

  #notHung(answer) {
    const { takingIn, texts, room } = this;
    const { code, told } = answer;
    const said = texts.refusal(answer);
    if (["weak_code", "code_taken"].includes(code)) return takingIn.complainCode(said);
    if (code === "hook_taken") {
      takingIn.taken(told.hook, told.free ?? "");
      room.look();
    }
    return this.warn(said);
  }

  /** What ends on a ticket. Resolves to true when it is done, or kept to be sent. */
  async #end(path, ticket, numbers, { title, more = {} }) {
    const { visit, deeds, texts, room } = this;
    visit.busy = true;
    const body = { room: room.chosen.id, ticket: ticket.ticket, items: numbers, how: visit.who?.by ?? "hand", ...more };
    const answer = await deeds.keepable(path, { ticket: ticket.ticket, title, name: ticket.first_name, body });
    visit.busy = false;
    if (answer.code === "sign_in_required") return this.signIn();
    if (answer.state !== "refused") return answer;
    this.warn(texts.refusal(answer));
    room.look();
    return null;
  }

  async handBack(ticket, numbers) {
    const { texts } = this;
    const hooks = hooksOf(chosen(ticket, numbers));
    const left = here(ticket).length - numbers.length;
    const answer = await this.#end("/coats/hand-back", ticket, numbers, { title: `${texts.say("given_back")}: ${nameOf(ticket, texts)} · ${hooks}` });
    if (!answer) return;
    const said = [left > 0 && texts.count("still_here", left), answer.state === "kept" && texts.say("kept_for_later")];
    this.finish(hooks, texts.say("given_back_to", { name: nameOf(ticket, texts) }), said.filter(Boolean).join(" "));
  }

  async keep(ticket, numbers) {
    const { texts } = this;
    const where = await this.keepDialog.ask(nameOf(ticket, texts));
    if (!where) return;
    const said = texts.say("kept_at", { where });
    if (await this.#end("/coats/keep", ticket, numbers, { title: `${said}: ${nameOf(ticket, texts)}`, more: { where } })) this.idle(said);
  }

  async lose(ticket, numbers) {
    const { texts, sure } = this;
    const what = hooksOf(chosen(ticket, numbers));
    if (!(await sure.ask(texts.say("lose_title"), texts.say("lose_say", { what }), texts.say("lose_yes")))) return;
    if (await this.#end("/coats/lose", ticket, numbers, { title: `${texts.say("lost")}: ${what}` })) this.idle(`${texts.say("lost")}: ${what}`);
  }

  async dispose(ticket, { number }, what) {
    const { texts, sure, deeds, room } = this;
    if (!(await sure.ask(texts.say("dispose"), what, texts.say("dispose")))) return;
    const answer = await deeds.now("/coats/dispose", { ticket: ticket.ticket, items: [number], how: "hand" });
    if (answer.state !== "done") this.warn(texts.refusal(answer));
    room.look();
  }

  /** Off the hook for a moment ("pull"), or back on it ("hang-again"). */
  async turn(what, ticket, numbers) {
    const { visit, texts, room } = this;
    const answer = await this.deeds.now(`/coats/${what}`, { ticket: ticket.ticket, items: numbers, how: visit.who.by });
    if (answer.code === "sign_in_required") return this.signIn();
    if (answer.state !== "done") return this.warn(texts.refusal(answer));
    await room.look();
    const now = room.view.tickets.get(ticket.ticket);
    if (now) this.showTicket(now, visit.who.by, visit.who.card);
    return this.tell(texts.say(what === "pull" ? "off_hook_say" : "on_hook_say"));
  }
}
