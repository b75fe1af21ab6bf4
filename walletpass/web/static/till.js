// The till's three screens: nobody yet, one guest with a check, and what was booked.

import { Api } from "./api.js";
import { Check } from "./check.js";
import { luhn, readCode } from "./codes.js";
import { GuestScreen } from "./guest_screen.js";
import { follow } from "./proof.js";
import { Beep, Camera, KeyboardScanner } from "./scanner.js";
import { Texts } from "./texts.js";
import { UndoDialog } from "./undo.js";

const SAME_CODE = 3000; // ms in which the same code is the same scan
const byId = (id) => document.getElementById(id);
const till = byId("till");
const { program, currency, locale: language, api: base, signIn: signInAddress, decoder, wasm } = till.dataset;

// The page's language with the region of this browser, where they go together: 18:05 or 6:05 PM.
const locale = navigator.languages.find((one) => one.startsWith(`${language}-`)) ?? (language === "en" ? "en-GB" : language);

const texts = new Texts({ strings: JSON.parse(byId("strings").textContent), locale, currency });
const api = new Api({ base, program, onRetry: () => tell(texts.say("retrying")) });
const beep = new Beep();
const shelf = { shelf: sessionStorage, name: `walletpass.check.${program}` };
const seen = new Map();
let check = null;
let waiting = null; // a check that waits for the code that changes
let busy = false;
let told = 0; // counts what was said on the last screen, so that an old answer does not speak there

function tell(text) {
  byId("alert").textContent = "";
  byId("status").textContent = text;
}

function warn(text) {
  byId("status").textContent = "";
  byId("alert").textContent = text;
}

function signIn() {
  location.assign(signInAddress);
}

const undo = new UndoDialog({ api, texts, signIn });
const guest = new GuestScreen({ texts, onConfirm: book, onUndo: undoRecent, onScan: scanAgain });
const camera = new Camera({ video: byId("video"), decoder, wasm, onCode: scanned });

function show(name) {
  for (const screen of ["idle", "guest", "done"]) byId(screen).hidden = screen !== name;
  till.dataset.screen = name;
  camera.paused = name !== "idle";
  scrollTo(0, 0);
}

function idle() {
  check = null;
  waiting = null;
  byId("number").value = "";
  byId("number-wrong").textContent = "";
  show("idle");
  byId("idle-title").focus();
}

/** Back to the camera for the code that changes; what was typed stays with the guest. */
function scanAgain() {
  const kept = check;
  idle();
  waiting = kept;
  tell(texts.error("changing_code_needed"));
}

function scanned(text) {
  const code = readCode(text);
  const now = performance.now();
  const name = code ?? text;
  if (now - (seen.get(name) ?? -SAME_CODE) < SAME_CODE) return seen.set(name, now);
  seen.set(name, now);
  if (undo.open || busy || check?.unfinished) return warn(texts.say("finish_first"));
  if (!code) return warn(texts.error("not_our_code"));
  beep.play();
  lookUp(code);
}

/** Finds the guest of a code or number and shows them. Returns whether somebody was found. */
async function lookUp(code, quiet = false) {
  busy = true;
  if (!quiet) tell(texts.say("searching"));
  const answer = await api.post("/guests/by-code", { code }, { tries: 3 });
  busy = false;
  if (answer.state === "done") return greet(answer.data, quiet);
  if (answer.code === "sign_in_required") return signIn();
  warn(answer.state === "refused" ? texts.error(answer.code) : texts.say("unanswered_read"));
}

function greet(view, quiet) {
  const before = till.dataset.screen === "done" && !quiet ? null : (check ?? waiting);
  const again = before?.view.card.id === view.card.id;
  if (again && before.view.redeeming.proof && !view.redeeming.proof) view.redeeming = before.view.redeeming;
  check = again ? before : new Check({ view, ...shelf });
  check.view = view;
  waiting = null;
  guest.show(view, { keep: again });
  show("guest");
  if (!quiet) tell("");
  byId("spoken").textContent = texts.count("greeting", view.card.points, { name: view.guest.name });
  guest.focus();
}

async function book(amount, points, reason) {
  if (busy) return;
  if (!check.unfinished) check.plan(amount, points, reason);
  busy = true;
  guest.lock("sending");
  tell(texts.say("sending"));
  const answer = await check.send(api);
  busy = false;
  if (answer.code === "sign_in_required") return signIn();
  if (answer.state === "unanswered") {
    guest.lock("unanswered");
    return warn(texts.say("unanswered_write"));
  }
  guest.lock(null);
  if (answer.state === "done" || check.booked.length) return booked(answer);
  await refused(answer);
}

async function refused({ code, maximum }) {
  const sentence = texts.error(code, maximum);
  if (code === "above_cap" && maximum !== null) guest.limit(maximum);
  if (code === "changing_code_needed") check.view.redeeming = { needs: "proof", proof: "" };
  const stale = ["insufficient_balance", "conflict", "changing_code_needed"].includes(code);
  if (stale) await lookUp(check.view.card.number.replace(/\D/g, ""), true);
  warn(sentence);
}

function line(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

function done(title, balance, lines, undoable) {
  byId("done-title").textContent = title;
  byId("done-points").textContent = texts.number(balance.points);
  byId("done-points-word").textContent = texts.count("points_word", balance.points);
  byId("done-lines").replaceChildren(...lines.map(line));
  byId("done-undo").hidden = !undoable;
  show("done");
  byId("done-title").focus();
}

/** Says on the last screen how far the change has come, while it stands there. */
function followCard() {
  const mine = (told += 1);
  byId("done-card").textContent = texts.say("being_updated");
  const current = () => mine === told && till.dataset.screen === "done";
  const say = (text) => {
    byId("done-card").textContent = text;
  };
  follow(check.view.card.id, { api, texts, tell: say, current });
}

function booked(answer) {
  const { view, amount } = check;
  const lines = check.booked.map(({ kind, body, result }) => {
    const points = Math.abs(result.entry.points);
    if (kind === "earn") return texts.count("earned", points, { money: texts.money(amount) });
    return texts.count("taken", points, { money: texts.money(body.points * view.rules.point_value) });
  });
  if (check.balance.pending) lines.push(texts.count("pending_line", check.balance.pending));
  done(texts.say("has_now", { name: view.guest.name }), check.balance, lines, true);
  followCard();
  if (answer.state === "done") tell("");
  else warn(`${texts.say("half_done")} ${texts.error(answer.code, answer.maximum)}`);
}

async function undoCheck() {
  const { booked: steps, view } = check;
  const entries = steps.map((step) => step.result.entry.id).reverse();
  const outcome = await undo.ask(entries, [...byId("done-lines").children].map((item) => item.textContent).join(" · "));
  if (!outcome) return;
  if (outcome.code) return warn(texts.error(outcome.code));
  done(texts.say("undone_has_now", { name: view.guest.name }), outcome.balance, [], false);
  followCard();
}

async function undoRecent(entry, what) {
  if (busy || check.unfinished) return warn(texts.say("finish_first"));
  const outcome = await undo.ask([entry], what);
  if (!outcome) return;
  await lookUp(check.view.card.number.replace(/\D/g, ""), true);
  if (outcome.code) warn(texts.error(outcome.code));
  else tell(texts.say("undone"));
}

function typedNumber(event) {
  event.preventDefault();
  const digits = byId("number").value.replace(/\D/g, "");
  const right = digits.length === 8 && luhn(digits);
  byId("number").setAttribute("aria-invalid", String(!right));
  byId("number-wrong").textContent = right ? "" : texts.say(digits.length === 8 ? "number_wrong" : "number_short");
  if (right && !busy) lookUp(digits);
  else byId("number").focus();
}

async function startCamera() {
  byId("camera-start").disabled = true;
  byId("video").hidden = false;
  const problem = await camera.start();
  byId("camera-start").disabled = false;
  byId("camera-start").hidden = camera.on;
  byId("video").hidden = !camera.on;
  byId("torch").hidden = !camera.hasTorch;
  localStorage.setItem("walletpass.camera", camera.on ? "on" : "off");
  if (problem) warn(texts.say(`camera.${problem}`));
  else if (till.dataset.screen === "idle") tell(texts.say("camera.on"));
}

async function toggleTorch() {
  const on = byId("torch").getAttribute("aria-pressed") !== "true";
  try {
    await camera.torch(on);
    byId("torch").setAttribute("aria-pressed", String(on));
    byId("torch").textContent = texts.say(on ? "torch_off" : "torch_on");
  } catch {
    byId("torch").hidden = true;
  }
}

function leave() {
  check.forget();
  guest.lock(null);
  idle();
  warn(texts.say("left_unknown"));
}

function resume() {
  check = Check.restore(shelf);
  if (!check) return idle();
  guest.show(check.view, { amount: check.amount, points: check.points });
  show("guest");
  guest.lock("unanswered");
  warn(texts.say("interrupted"));
}

new KeyboardScanner(scanned);
byId("number-form").addEventListener("submit", typedNumber);
byId("camera-start").addEventListener("click", startCamera);
byId("torch").addEventListener("click", toggleTorch);
byId("not-this-guest").addEventListener("click", () => {
  tell("");
  idle();
});
byId("leave").addEventListener("click", leave);
byId("next-guest").addEventListener("click", () => {
  tell("");
  idle();
});
byId("done-undo").addEventListener("click", undoCheck);

// The light of a camera nobody looks at goes off; it comes back with the page.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) camera.stop();
  else if (localStorage.getItem("walletpass.camera") === "on") startCamera();
});

resume();
if (localStorage.getItem("walletpass.camera") === "on") startCamera();
