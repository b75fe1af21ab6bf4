// Paper forms by the keyboard alone: Tab goes on, Enter saves and puts the cursor back into the first field.

import { Api, newId } from "./api.js";

const form = document.getElementById("form");
const said = document.getElementById("said");
const tell = document.getElementById("phone-tell");
const list = document.getElementById("typed");
const template = document.getElementById("typed-row");
const fields = { name: form.elements.name, phone: form.elements.phone, birthday: form.elements.birthday, email: form.elements.email };
const words = form.dataset;
const proof = JSON.parse(words.proof);
const api = new Api({ base: "/api/v1", program: words.program, onRetry: () => say(words.unanswered, "") });

// One key for one form, until it is answered: pressed twice it is saved once.
let key = newId();
let saving = false;

function say(text, kind) {
  said.textContent = text;
  said.className = `note whole ${kind}`;
  said.hidden = false;
}

/** 17.5.1990 and 17/5 as the server reads them; what is none of these goes as it is, and is refused there. */
function birthday(text) {
  const parts = text.trim().match(/^(\d{1,2})[./ ](\d{1,2})(?:[./ ](\d{4})?)?$/);
  if (!parts) return text.trim();
  const [, day, month, year] = parts;
  return `${year ?? "-"}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}

function body() {
  const sent = { phone: fields.phone.value.trim(), channel: "paper" };
  if (fields.name.value.trim()) sent.name = fields.name.value.trim();
  if (fields.birthday.value.trim()) sent.birthday = birthday(fields.birthday.value);
  if (fields.email.value.trim()) sent.email = fields.email.value.trim();
  if (form.elements.signed.checked) sent.consents = [proof];
  if (form.elements.send?.checked) sent.invite = true;
  return sent;
}

function mark(name) {
  for (const field of Object.values(fields)) field.removeAttribute("aria-invalid");
  if (!(name in fields)) return;
  fields[name].setAttribute("aria-invalid", "true");
  fields[name].focus();
  fields[name].select();
}

function refused(answer) {
  if (answer.code === "sign_in_required") {
    say(words.signedOut, "bad");
    return;
  }
  const sentences = { name: words.wrongName, phone: words.wrongPhone, email: words.wrongEmail, birthday: words.wrongBirthday };
  say(sentences[answer.field] ?? words.wrongOther, "bad");
  mark(answer.field ?? "phone");
  // Another form from now on, as it will be another request.
  key = newId();
}

function show(member, fresh) {
  document.getElementById("nobody")?.remove();
  const row = template.content.firstElementChild.cloneNode(true);
  row.querySelector("b").textContent = member.name || member.phone;
  row.querySelector(".who span").textContent = member.name ? member.phone : "";
  const badge = row.querySelector(".badge");
  badge.textContent = fresh ? (member.invited ? badge.dataset.sent : badge.dataset.new) : badge.dataset.known;
  badge.classList.add(fresh ? "new" : "known");
  if (fresh && member.card) {
    const code = row.querySelector(".code");
    code.querySelector("img").src = `${new URL(member.card.link).pathname}/address.svg`;
    code.hidden = false;
  }
  list.prepend(row);
}

function next() {
  form.reset();
  tell.textContent = "";
  mark("");
  key = newId();
  fields.name.focus();
}

async function save() {
  if (saving) return;
  if (!fields.phone.value.trim()) {
    say(words.wrongPhone, "bad");
    mark("phone");
    return;
  }
  saving = true;
  say(words.saving, "");
  const answer = await api.post("/members", body(), { key });
  saving = false;
  if (answer.state === "unanswered") {
    say(words.unanswered, "bad");
  } else if (answer.state === "refused") {
    refused(answer);
  } else {
    const fresh = answer.status === 201;
    const name = answer.data.name || answer.data.phone;
    say((fresh ? words.saved : words.known).replace("{name}", name), fresh ? "good" : "bad");
    show(answer.data, fresh);
    next();
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});

// A tick does not send a form by Enter in every browser.
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.type === "checkbox") {
    event.preventDefault();
    save();
  }
});

// While the rest is typed the server looks whether the number is known.
fields.phone.addEventListener("change", async () => {
  const typed = fields.phone.value.trim();
  tell.textContent = "";
  if (!typed) return;
  try {
    const response = await fetch(`/t/${words.program}/forms/known?phone=${encodeURIComponent(typed)}`, { credentials: "same-origin" });
    if (!response.ok || typed !== fields.phone.value.trim()) return;
    const found = await response.json();
    if (!found.readable) tell.textContent = words.noNumber;
    else if (found.known) tell.textContent = words.knownNumber;
  } catch {
    // Without an answer nothing is said; saving asks again.
  }
});
