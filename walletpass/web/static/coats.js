// The coat-check's screens: the room with nobody at the counter, one guest, and what was done.

import { Api } from "./api.js";
import { luhn, readCode } from "./codes.js";
import { ChooseHook, KeepDialog, SureDialog } from "./coats/asking.js";
import { Counter, hooksOf } from "./coats/counter.js";
import { Deeds } from "./coats/deeds.js";
import { GivingBack } from "./coats/giving_back.js";
import { HookDialog, nameOf } from "./coats/hook_dialog.js";
import { Leaving } from "./coats/leaving.js";
import { Lists } from "./coats/lists.js";
import { HookMap } from "./coats/map.js";
import { here } from "./coats/model.js";
import { Moving } from "./coats/moving.js";
import { Photo } from "./coats/photo.js";
import { ReleaseDialog } from "./coats/release.js";
import { Room } from "./coats/room.js";
import { Sentences } from "./coats/sentences.js";
import { ShiftDialog } from "./coats/shift.js";
import { TakingIn } from "./coats/taking_in.js";
import { Beep, KeyboardScanner } from "./scanner.js";
import { Eye } from "./till/eye.js";
import { Installer } from "./till/install.js";
import { Network } from "./till/network.js";
import { byId, cardNumber, localeOf, make, set, tell, unsay, warn } from "./till/page.js";
import { offerSigningOut } from "./till/signing_out.js";
import { askWho } from "./till/who.js";

const SAME_CODE = 3000; // ms in which the same code is the same scan
const QUICK = { tries: 2, timeout: 5000 };
const HOOK = /^[A-Za-z]{1,2}\d{1,3}$/;
const FOUR = /^\d{4}$/;
const OF_THE_NETWORK = ["needs_network", "unanswered", "sign_out_offline"]; // what is true no more when the network is back
const till = byId("till");
const { program, currency, zone, locale: language, page, staff, staffName, signIn: signInAddress, decoder, wasm } = till.dataset;
const locale = localeOf(language);
const texts = new Sentences({ strings: JSON.parse(byId("strings").textContent), locale, currency, zone });
const beep = new Beep();
const seen = new Map();
// Who stands at the counter: {how: card | code | wallet | ticket, card, name, ticket}.
const visit = { who: null, busy: false };

function signIn() {
  location.assign(signInAddress);
}

const installer = new Installer({ page, program, onChange: offerUpdate });
const network = new Network({ ask: askAround, onChange: networkChanged });
const api = new Api({ base: till.dataset.api, program, onAnswer: (answer) => network.heard(answer) });
const deeds = new Deeds({ api, network, installer, texts, program, staff: { id: staff, name: staffName }, onChange: () => room.draw(), onDone: (done, name) => room.learn(done, name) });
const room = new Room({ api, program, entries: deeds.entries, onChange: drawRoom });
const hookDialog = new HookDialog({ texts, room, onTicket: showTicket });
const map = new HookMap({ place: byId("map"), texts, onTap: (label) => hookDialog.open(label) });
const leaving = new Leaving({ texts, onTicket: showTicket });
const keepDialog = new KeepDialog({ texts });
const sure = new SureDialog();
const choose = new ChooseHook({ texts, room });
const takingIn = new TakingIn({ api, network, texts, room, onHang: (...given) => counter.hang(...given), onChoose: (place, kind) => choose.ask(kind, (hook) => takingIn.put(place, hook)) });
const photo = new Photo({ api, texts, tell, warn, onKept: () => room.look() });
const counter = new Counter({ visit, texts, room, deeds, takingIn, photo, keepDialog, sure, tell, warn, signIn, idle, finish, showTicket });
const back = new GivingBack({ texts, api, counter });
const lists = new Lists({ texts, room, deeds, onTicket: showTicket, onDispose: (...given) => counter.dispose(...given), onSignIn: signIn });
const shift = new ShiftDialog({ texts, room, deeds, page, language: till.dataset.language, onTicket: showTicket, onSignIn: signIn });
const moving = new Moving({ texts, room, deeds, tell, signIn });
new ReleaseDialog({ api, network, texts, room, onReleased: released, warn, signIn });
const eye = new Eye({ decoder, wasm, texts, onCode: scanned, tell: (text) => on("idle") && tell(text), warn });

function on(name) {
  return till.dataset.screen === name;
}

function show(name) {
  for (const screen of ["idle", "guest", "done"]) byId(screen).hidden = screen !== name;
  till.dataset.screen = name;
  eye.paused = name === "guest";
  offerUpdate();
  scrollTo(0, 0);
}

function idle(text = null) {
  visit.who = null;
  byId("number").value = "";
  set("number-wrong", "");
  show("idle");
  byId("idle-title").focus({ preventScroll: true });
  if (text !== null) tell(text);
  room.look();
}

function offerUpdate() {
  byId("update").hidden = !installer.ready || !on("idle");
}

async function askAround() {
  const said = await askWho(page);
  if (said && said.version !== till.dataset.version) installer.look();
  return said;
}

function networkChanged(up) {
  till.dataset.network = up ? "up" : "down";
  if (up) unsay(...OF_THE_NETWORK.map((name) => texts.say(name)));
  deeds.panel.refresh();
  if (up) deeds.flush().then(() => room.look());
}

function drawRoom(view) {
  byId("map-empty").hidden = Boolean(view);
  if (!view) return;
  const hooks = [...view.hooks.values()];
  set("room-name", view.room.name);
  set("room-free", texts.say("free_of", { free: texts.number(hooks.reduce((sum, { capacity, taken }) => sum + capacity - taken, 0)), of: texts.number(hooks.reduce((sum, { capacity }) => sum + capacity, 0)) }));
  map.show(view);
  hookDialog.refresh();
  leaving.show(view);
  lists.show();
  drawRooms();
}

function drawRooms() {
  byId("rooms-part").hidden = room.rooms.length < 2;
  byId("rooms").replaceChildren(...room.rooms.map(({ id, name }) => {
    const option = make("option", "", name);
    option.value = id;
    option.selected = id === room.chosen.id;
    return option;
  }));
}

function scanned(text) {
  const code = readCode(text);
  const now = performance.now();
  const name = code ?? text;
  if (now - (seen.get(name) ?? -SAME_CODE) < SAME_CODE) return seen.set(name, now);
  seen.set(name, now);
  if (visit.busy) return warn(texts.say("finish_first"));
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  if (!code) return warn(texts.error("not_our_code"));
  beep.play();
  return lookUp(code, "scan");
}

function typed(event) {
  event.preventDefault();
  const text = byId("number").value.trim();
  const digits = cardNumber(text, luhn);
  const known = HOOK.test(text) ? hookDialog.open(text.toUpperCase()) : FOUR.test(text) || digits;
  set("number-wrong", known ? "" : texts.say(HOOK.test(text) ? "no_such_hook" : "number_wrong"));
  if (known && !HOOK.test(text) && !visit.busy) lookUp(FOUR.test(text) ? text : digits, FOUR.test(text) ? "code" : "number");
}

/** Who it is by a code, and what of theirs is here. */
async function lookUp(code, how) {
  if (!room.chosen) return warn(texts.say("no_room_yet"));
  if (!network.up) return lookUpHere(code, how);
  visit.busy = true;
  tell(texts.say("searching"));
  const answer = await api.post("/coats/look", { room: room.chosen.id, code }, QUICK);
  visit.busy = false;
  if (answer.code === "sign_in_required") return signIn();
  if (answer.state === "unanswered") return lookUpHere(code, how);
  if (answer.state === "refused") return warn(texts.refusal(answer));
  await room.see(answer.data.tickets);
  return greet(code, how, answer.data);
}

function greet(code, how, { first_name: name, regular, tickets, returned, proposed, doubtful }) {
  if (tickets.length > 1) return hookDialog.pick(doubtful ? texts.say("doubtful") : name || code, doubtful ? texts.say("doubtful_say") : "", tickets);
  const [ticket] = tickets;
  const four = FOUR.test(code);
  if (ticket && !four) room.remember(code, ticket.ticket);
  // What waits here to be sent is on the device alone.
  if (ticket) return showTicket(room.view.tickets.get(ticket.ticket) ?? ticket, how, four ? "" : code, regular);
  if (four) return warn(returned ? texts.returned(returned) : texts.say("code_unknown"));
  return welcome({ how: "card", card: code, name, by: how, regular }, { note: returned ? texts.returned(returned) : "", hooks: proposed });
}

/** Without the server: what this device knows. */
function lookUpHere(code, how) {
  const ticket = room.ticketOf(code);
  if (ticket) return showTicket(ticket, how, FOUR.test(code) ? "" : code);
  if (FOUR.test(code)) return warn(texts.say("offline_code"));
  return welcome({ how: "card", card: code, name: "", by: how }, { note: texts.say("offline_note"), unsure: true });
}

/** Somebody brings something. */
function welcome(who, { note = "", unsure = false, hooks = null } = {}) {
  visit.who = who;
  set("guest-name", who.name || texts.say(who.how === "card" ? "guest" : who.ticket ? "guest" : "without_card"));
  set("guest-note", note);
  byId("guest-note").className = unsure ? "note bad" : "soft";
  byId("flag-regular").hidden = !who.regular;
  byId("doubtful").hidden = true;
  byId("back").hidden = true;
  byId("in").hidden = false;
  takingIn.show({ who: who.name, how: who.how, hooks, ticket: who.ticket });
  show("guest");
  tell("");
  (who.how === "code" ? byId("guest-name") : byId("hang")).focus({ preventScroll: true });
}

/** Somebody fetches something. */
function showTicket(ticket, how, card = "", regular = false) {
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  visit.who = { how: ticket.code ? "code" : "card", card, name: ticket.first_name, ticket, by: how, regular };
  byId("flag-regular").hidden = !regular;
  set("guest-name", nameOf(ticket, texts));
  set("guest-note", [ticket.code && ticket.first_name && texts.say("code_of", { code: ticket.code }), ticket.description, ticket.called_at && texts.say("map.called")].filter(Boolean).join(" · "));
  byId("guest-note").className = "soft";
  byId("doubtful").hidden = !ticket.code || [...room.view.tickets.values()].filter(({ code }) => code === ticket.code).length < 2;
  byId("back").hidden = false;
  byId("in").hidden = true;
  back.show(ticket);
  show("guest");
  tell("");
  byId("hand-back").focus({ preventScroll: true });
}

/** Large enough to be read across the counter. */
function released(ticket, url) {
  const said = texts.say(url ? "released_lost" : "released_say");
  finish(hooksOf(here(ticket)), texts.say("released", { name: nameOf(ticket, texts) }), said, { url, code: "code_of_card" });
}

/** `code` says what the QR of `url` is for. */
function finish(large, title, said, { url = "", digits = "", code = "code_of_ticket" } = {}) {
  set("done-title", title || large);
  set("done-hooks", title ? large : "");
  set("done-words", said);
  set("done-digits", digits);
  byId("done-four").hidden = !digits;
  byId("done-code").hidden = !url;
  set("done-code-say", texts.say(code));
  if (url) byId("done-image").src = `${page}/coats/ticket-code.svg?link=${encodeURIComponent(url)}`;
  photo.offer(null);
  visit.who = null;
  show("done");
  tell("");
  byId("done-title").focus();
  room.look();
}

function withoutCard(how) {
  byId("guestless").close();
  if (how === "wallet" && !network.up) return warn(texts.say("needs_network"));
  return welcome({ how, card: "", name: "", by: "code" });
}

const press = (id, task) => byId(id).addEventListener("click", task);
const opening = (id, task) => press(id, () => {
  byId("more").close();
  task();
});
new KeyboardScanner(scanned);
byId("number-form").addEventListener("submit", typed);
press("no-card", () => (room.chosen ? byId("guestless").showModal() : warn(texts.say("no_room_yet"))));
press("guestless-close", () => byId("guestless").close());
press("by-ticket", () => withoutCard("wallet"));
press("by-code", () => withoutCard("code"));
press("another", () => welcome({ ...visit.who, how: visit.who.card ? "card" : "ticket" }));
press("not-this-guest", () => idle(""));
press("next-guest", () => idle(""));
press("more-open", () => byId("more").showModal());
press("more-close", () => byId("more").close());
opening("more-shift", () => (room.chosen ? shift.open() : warn(texts.say("no_room_yet"))));
opening("more-lists", () => lists.open());
opening("more-queue", () => deeds.panel.open());
if (byId("more-move")) opening("more-move", () => moving.open());
byId("rooms").addEventListener("change", ({ target }) => room.choose(target.value));
offerSigningOut({ texts, address: signInAddress, onOut: () => room.forget() });
press("update-now", () => installer.takeOver());

networkChanged(network.up);
room.draw();
idle();
eye.again();
installer.start();
deeds.panel.refresh();
deeds.flush();
