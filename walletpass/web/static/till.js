// The till's screens: nobody yet, one guest with a check, a guest whom nobody can look up now, and what was booked.

import { Api } from "./api.js";
import { Check } from "./check.js";
import { keepable, luhn, readCode } from "./codes.js";
import { GuestScreen } from "./guest_screen.js";
import { Beep, KeyboardScanner } from "./scanner.js";
import { Texts } from "./texts.js";
import { attach, detach } from "./till/attach.js";
import { Before } from "./till/before.js";
import { Booking } from "./till/booking.js";
import { DoneScreen } from "./till/done_screen.js";
import { Eye } from "./till/eye.js";
import { FactorDialog } from "./till/factor.js";
import { Installer } from "./till/install.js";
import { MoveDialog } from "./till/move.js";
import { Network } from "./till/network.js";
import { byId, cardNumber, localeOf, set, tell, unsay, warn } from "./till/page.js";
import { PracticeApi } from "./till/practice.js";
import { Says } from "./till/says.js";
import { SearchDialog } from "./till/search.js";
import { Sending } from "./till/sending.js";
import { offerSigningOut } from "./till/signing_out.js";
import { isTraining, putUpSwitches } from "./till/switches.js";
import { Tables } from "./till/tables.js";
import { TakingBack } from "./till/taking_back.js";
import { UnknownScreen } from "./till/unknown_screen.js";
import { Units } from "./till/units.js";
import { askWho } from "./till/who.js";
import { UndoDialog } from "./undo.js";

const SAME_CODE = 3000; // ms in which the same code is the same scan
const QUICK = { tries: 2, timeout: 5000 }; // for what can be asked again by a scan
const till = byId("till");
const { program, currency, zone, locale: language, page, staff, staffName, signIn: signInAddress, decoder, wasm } = till.dataset;
const read = (id) => JSON.parse(byId(id).textContent);

const locale = localeOf(language);

const texts = new Texts({ strings: read("strings"), locale, currency, zone });
const practice = read("practice");
const training = isTraining(program);
const beep = new Beep();
const shelf = { shelf: sessionStorage, name: `walletpass.check.${program}` };
const seen = new Map();
// What the till has in hand: a check, one that waits for the code that changes, an open check of a table whose card is to be scanned.
const visit = { check: null, waiting: null, table: null, busy: false };

function signIn() {
  location.assign(signInAddress);
}

const installer = new Installer({ page, program, onChange: offerUpdate });
const network = new Network({ ask: askAround, onChange: networkChanged });
const api = training
  ? new PracticeApi(practice)
  : new Api({ base: till.dataset.api, program, onRetry: () => tell(texts.say("retrying")), onAnswer: (answer) => network.heard(answer) });
const sending = training ? null : new Sending({ api, network, installer, texts, program, staff: { id: staff, name: staffName } });
const says = new Says({ texts, restaurant: till.dataset.restaurant });
const undo = new UndoDialog({ api, texts, signIn });
const move = new MoveDialog({ api, texts, signIn });
const factor = new FactorDialog({ api, texts, signIn, onScan: scanAgain });
const atTable = new Before({ api, texts });
new SearchDialog({ api, texts, signIn, onPick: (card) => lookUp(card) });
const guest = new GuestScreen({
  texts,
  api,
  checkId: () => visit.check?.id,
  onConfirm: (...given) => booking.book(...given),
  onUndo: (...given) => back.undoEntry(...given),
  onMove: (...given) => back.moveEntry(...given),
  onScan: scanAgain,
  onProof: () => booking.prove(Infinity),
});
const unknown = new UnknownScreen({ texts, most: Number(till.dataset.most), onKeep: (kept) => booking.keep(kept), onLeave: () => idle("") });
const done = new DoneScreen({ texts, standing: () => on("done") });
const eye = new Eye({ decoder, wasm, texts, onCode: scanned, tell: (text) => on("idle") && tell(text), warn });
const tables = new Tables({ api, texts, page, idle: () => on("idle") && network.up, onTable: scanTable });
const voices = { visit, api, texts, tell, warn, show, signIn, lookUp, done };
const booking = new Booking({ ...voices, sending, network, guest, says, factor, reasons: Boolean(till.dataset.reasons) });
const back = new TakingBack({ ...voices, undo, move });

function on(name) {
  return till.dataset.screen === name;
}

function show(name) {
  for (const screen of ["idle", "guest", "unknown", "done"]) byId(screen).hidden = screen !== name;
  till.dataset.screen = name;
  eye.paused = name !== "idle";
  offerUpdate();
  scrollTo(0, 0);
}

function idle(text = null) {
  visit.check = visit.waiting = visit.table = null;
  set("number-wrong", "");
  byId("number").value = "";
  show("idle");
  byId("idle-title").focus();
  if (text !== null) tell(text);
  tables.look();
}

/** A new version is offered where nothing is in hand. */
function offerUpdate() {
  byId("update").hidden = !installer.ready || !on("idle");
}

async function askAround() {
  if (training) return {};
  const said = await askWho(page);
  if (said && said.version !== till.dataset.version) installer.look();
  return said;
}

function networkChanged(up) {
  till.dataset.network = up || training ? "up" : "down";
  if (up) unsay(texts.say("sign_out_offline"));
  guest.offline = !up && !training;
  if (training) return;
  sending.panel.refresh();
  if (up) sending.flush();
}

/** Back to the camera for the code that changes; what was typed stays with the guest. */
function scanAgain() {
  const { check } = visit;
  idle();
  visit.waiting = check;
  tell(texts.error("changing_code_needed"));
}

/** Back to the camera for the card of a table that has ordered. */
function scanTable(open) {
  idle(texts.say("table.ask", { place: open.place || texts.say("table.unknown") }));
  visit.table = open;
}

function scanned(text) {
  const code = readCode(text);
  const now = performance.now();
  const name = code ?? text;
  if (now - (seen.get(name) ?? -SAME_CODE) < SAME_CODE) return seen.set(name, now);
  seen.set(name, now);
  if (move.open) return move.scan(text);
  if (undo.open || factor.open || visit.busy || visit.check?.unfinished) return warn(texts.say("finish_first"));
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  if (!code) return warn(texts.error("not_our_code"));
  beep.play();
  lookUp(code);
}

/** Finds the guest of a code or number and shows them. Returns whether somebody was found. */
async function lookUp(code, quiet = false) {
  if (!training && practice.cards.some((card) => card.guest && card.code === code)) return warn(texts.say("practice_card"));
  if (!network.up && !training && !quiet) return lookUpLater(code);
  visit.busy = true;
  if (!quiet) tell(texts.say("searching"));
  const answer = await api.post("/guests/by-code", { code }, QUICK);
  visit.busy = false;
  if (answer.state === "done") return greet(answer.data, quiet);
  if (answer.code === "sign_in_required") return signIn();
  if (answer.state === "refused") return warn(texts.error(answer.code));
  return quiet ? warn(texts.say("unanswered_read")) : lookUpLater(code);
}

/** Nobody can be looked up now; the points of a right code can still be kept. */
async function lookUpLater(code) {
  const may = keepable(code);
  if (may === "no") return warn(texts.error("not_our_code"));
  if (may === "changing" && !till.dataset.times) return warn(texts.say("changing_offline"));
  if (!(await sending.usable())) return warn(texts.say("unanswered_read"));
  unknown.show(code);
  show("unknown");
  tell("");
  unknown.focus();
}

/** How many points may be spent on what the guest has shown so far. */
function proved({ redeeming: { proof, above } }) {
  return proof ? (above ?? Infinity) : 0;
}

async function greet(view, quiet) {
  const before = on("done") && !quiet ? null : (visit.check ?? visit.waiting);
  const again = before?.view.card.id === view.card.id;
  if (again && proved(before.view) > proved(view)) view.redeeming = before.view.redeeming;
  const check = again ? before : new Check({ view, ...shelf });
  const { table } = visit;
  check.view = view;
  Object.assign(visit, { check, waiting: null, table: null });
  guest.show(view, { keep: again });
  atTable.show(training ? null : view.card.id);
  says.guest(view);
  show("guest");
  if (!quiet) tell("");
  set("spoken", new Units(texts, view.rules).greeting(view.guest.name, view.card.points));
  guest.focus();
  if (table && !again) await attach(table, { check, api, guest, texts, tell, warn });
}

function typedNumber(event) {
  event.preventDefault();
  const text = byId("number").value.replace(/\D/g, "");
  const digits = cardNumber(text, luhn);
  byId("number").setAttribute("aria-invalid", String(!digits));
  set("number-wrong", digits ? "" : texts.say(text.length === 8 ? "number_wrong" : "number_short"));
  if (digits && !visit.busy) lookUp(digits);
  else byId("number").focus();
}

function leave() {
  visit.check.forget();
  guest.lock(null);
  idle();
  warn(texts.say("left_unknown"));
}

/** Goes on with a check that was on its way when the page went. */
async function resume() {
  const check = Check.restore(shelf);
  if (!check) return idle();
  visit.check = check;
  if (check.keepable && sending && (await sending.usable())) return booking.adopt();
  atTable.show(training ? null : check.view.card.id);
  guest.show(check.view, { amount: check.amount, points: check.points });
  says.guest(check.view);
  show("guest");
  guest.lock("unanswered");
  warn(texts.say("interrupted"));
}

new KeyboardScanner(scanned);
byId("number-form").addEventListener("submit", typedNumber);
byId("not-this-guest").addEventListener("click", () => {
  if (visit.check?.table) detach(visit.check, { api, texts, warn });
  idle("");
});
byId("when-paid").addEventListener("click", () => idle(""));
byId("leave").addEventListener("click", leave);
byId("next-guest").addEventListener("click", () => idle(""));
byId("done-undo").addEventListener("click", () => back.undoCheck());
byId("done-move").addEventListener("click", () => back.moveCheck());
offerSigningOut({ texts, address: signInAddress, onOut: () => sending?.tidy() });
byId("update-now").addEventListener("click", () => installer.takeOver());
putUpSwitches({ program, practice, onCode: scanned, onQueue: () => sending.panel.open() });

networkChanged(network.up);
resume();
eye.again();
installer.start();
sending?.start();
