// The cloakroom as this device knows it: what the server said last, and on top of it what waits here to be sent. Pure.

import { WAITING } from "../till/queue_rules.js";

export const STANDING = ["hung", "pulled"];
export const HERE = [...STANDING, "kept"];
const ENDS = { "/coats/hand-back": "returned", "/coats/keep": "kept", "/coats/lose": "lost" };

/** `known` is {room, now} as the server tells them; `entries` are those of the queue, in any order. */
export function view(known, entries) {
  const zones = known.room.zones.map(({ zone, hooks }) => ({ zone, hooks: hooks.map((hook) => ({ ...hook })) }));
  const hooks = new Map(zones.flatMap((zone) => zone.hooks).map((hook) => [hook.label, hook]));
  const tickets = new Map(known.now.tickets.map((one) => [one.ticket, { ...one, items: one.items.map((item) => ({ ...item })) }]));
  const seen = { room: known.room, zones, hooks, tickets, called: known.now.called };
  const due = entries.filter(({ state }) => state === WAITING).sort((one, other) => one.queued - other.queued);
  due.filter(({ path }) => path === "/coats/check-in").forEach((entry) => takeIn(seen, entry));
  due.filter(({ path }) => path in ENDS).forEach((entry) => end(seen, entry));
  return seen;
}

/** What is known once the server has answered a deed: its network may go before anybody asks again. `known` stays as it was. */
export function learned({ room, now }, done, name = "") {
  const before = now.tickets.find(({ ticket }) => ticket === done.ticket);
  const fresh = { description: "", kept_where: "", photo: false };
  const items = done.items.map((item) => ({ ...fresh, ...before?.items.find(({ number }) => number === item.number), ...item }));
  const who = { ticket: done.ticket, first_name: name, wallet: Boolean(done.card), code: done.code, description: "", called_at: null, ...before };
  const ticket = { ...who, items };
  const change = (label) => hanging(ticket, label) - (before ? hanging(before, label) : 0);
  const hooks = (zone) => zone.hooks.map((hook) => ({ ...hook, taken: hook.taken + change(hook.label) }));
  const others = now.tickets.filter((one) => one !== before);
  const open = here(ticket).length > 0;
  return {
    room: { ...room, zones: room.zones.map((zone) => ({ ...zone, hooks: hooks(zone) })) },
    now: { ...now, tickets: open ? [...others, ticket] : others, called: open ? now.called : now.called.filter((id) => id !== done.ticket) },
  };
}

/** What is known once the server has said how these open tickets stand. */
export function told(now, tickets) {
  const said = new Map(tickets.map((one) => [one.ticket, one]));
  const known = now.tickets.map((one) => said.get(one.ticket) ?? one);
  return { ...now, tickets: [...known, ...tickets.filter(({ ticket }) => !now.tickets.some((one) => one.ticket === ticket))] };
}

const hanging = (ticket, label) => standing(ticket).filter(({ hook }) => hook === label).length;

function takeIn({ tickets, hooks }, { body, late, ticket: id, name = "" }) {
  const said = late?.body ?? body;
  if (!said.items) return;
  const fresh = { ticket: id, first_name: name, wallet: Boolean(said.card), code: said.code ?? "", description: "", called_at: null, items: [] };
  const ticket = tickets.get(id) ?? fresh;
  tickets.set(id, ticket);
  said.items.forEach((one, place) => {
    const number = one.number ?? place + 1;
    if (ticket.items.some((item) => item.number === number)) return;
    ticket.items.push({ number, kind: one.kind, hook: one.hook ?? "", state: "hung", description: one.description ?? "", waits: true });
    if (hooks.has(one.hook)) hooks.get(one.hook).taken += 1;
  });
}

function end({ tickets, hooks }, { path, body, ticket: id }) {
  const ticket = tickets.get(id);
  for (const item of ticket?.items ?? []) {
    if (!HERE.includes(item.state) || (body.items && !body.items.includes(item.number))) continue;
    if (STANDING.includes(item.state) && hooks.has(item.hook)) hooks.get(item.hook).taken -= 1;
    Object.assign(item, { state: ENDS[path], kept_where: body.where ?? "", waits: true });
  }
  if (ticket && !here(ticket).length) tickets.delete(id);
}

/** What it costs to leave things of these kinds; `kinds` is what each costs, as the server tells. */
export const priceOf = (kinds, things) => things.reduce((sum, { kind }) => sum + (kinds.find((one) => one.kind === kind)?.price ?? 0), 0);

export const here = (ticket) => ticket.items.filter(({ state }) => HERE.includes(state));
export const standing = (ticket) => ticket.items.filter(({ state }) => STANDING.includes(state));

/** What hangs on a hook: [{ticket, item}]. */
export function on({ tickets }, label) {
  return [...tickets.values()].flatMap((ticket) =>
    standing(ticket).filter(({ hook }) => hook === label).map((item) => ({ ticket, item })));
}

export const takes = (hook, kind) => !hook.kinds.length || hook.kinds.includes(kind);

/** A hook for each kind, in their order, side by side; what finds none has "". What has a zone of its own kind goes there. */
export function propose({ zones }, kinds, but = []) {
  const used = new Map();
  for (const label of but) used.set(label, (used.get(label) ?? 0) + 1);
  const free = (hook) => hook.capacity - hook.taken - (used.get(hook.label) ?? 0);
  let last = null;
  return kinds.map((kind) => {
    const able = zones.flatMap(({ hooks }) => hooks).filter((hook) => free(hook) > 0 && takes(hook, kind));
    const own = able.filter((hook) => hook.kinds.length);
    const from = own.length ? own : able;
    const beside = last && from.some(({ zone, label }) => zoneOf(label) === zoneOf(last)) ? last : null;
    const near = beside ? from.filter(({ label }) => zoneOf(label) === zoneOf(beside)) : from;
    const chosen = beside ? near.reduce((best, hook) => (away(hook.label, beside) < away(best.label, beside) ? hook : best)) : near[0];
    if (!chosen) return "";
    used.set(chosen.label, (used.get(chosen.label) ?? 0) + 1);
    last = chosen.label;
    return chosen.label;
  });
}

const zoneOf = (label) => label.replace(/\d+$/, "");
const numberOf = (label) => Number(label.replace(/^\D+/, ""));
const away = (one, other) => Math.abs(numberOf(one) - numberOf(other));

/** The free hook nearest to another one; empty where there is none. */
export function nextFree({ hooks }, kind, beside) {
  const free = [...hooks.values()].filter((hook) => hook.taken < hook.capacity && takes(hook, kind) && hook.label !== beside);
  const rank = ({ label }) => (zoneOf(label) === zoneOf(beside) ? 0 : 10_000) + away(label, beside);
  return free.sort((one, other) => rank(one) - rank(other))[0]?.label ?? "";
}

/** The pairs of a bulk move: all that is taken from one hook to another one of a zone, onto as many from `target` on; null for what is no range. */
export function pairs({ hooks }, from, to, target) {
  const [zone, other] = [zoneOf(from), zoneOf(target)];
  const [first, last] = [numberOf(from), numberOf(to || from)];
  if (zoneOf(to || from) !== zone || !(first <= last) || !hooks.has(from) || !hooks.has(target)) return null;
  const found = [];
  for (let number = first; number <= last; number += 1) {
    const source = hooks.get(`${zone}${number}`);
    const onto = `${other}${numberOf(target) + number - first}`;
    if (source?.taken && !hooks.has(onto)) return null;
    if (source?.taken) found.push({ from: source.label, to: onto });
  }
  return found;
}

/** A short name for a scanned code, by which this device knows it again and from which nobody gets the code back. */
export function mark(code) {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (const letter of code) {
    high = Math.imul(high ^ letter.charCodeAt(0), 2654435761);
    low = Math.imul(low ^ letter.charCodeAt(0), 1597334677);
  }
  return `${(high >>> 0).toString(36)}${(low >>> 0).toString(36)}`;
}
