// The guest's face or finger: the browser asks for it and signs, and what it signed goes to the server. Nothing of either leaves the phone.

const place = document.getElementById("passkey");
const confirmButton = document.getElementById("passkey-confirm");
const makeButton = document.getElementById("passkey-make");
const said = document.getElementById("passkey-said");

async function post(step, body) {
  const response = await fetch(`${place.dataset.base}/${step}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    credentials: "omit",
    body,
  });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

function tell(words, good) {
  said.textContent = words;
  said.className = words ? `note ${good ? "good" : "bad"}` : "small";
}

/** What went wrong in words; that the guest changed their mind is no fault. */
function explain(error) {
  const words = { NotAllowedError: "cancelled", InvalidStateError: "known" }[error.name] ?? "failed";
  tell(place.dataset[words], false);
}

async function busy(button, work) {
  button.disabled = true;
  tell("", true);
  try {
    await work();
  } catch (error) {
    explain(error);
  }
  button.disabled = false;
}

async function make() {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await post("make"));
  const key = await navigator.credentials.create({ publicKey });
  await post("keep", JSON.stringify(key.toJSON()));
  confirmButton.hidden = false;
  tell(place.dataset.made, true);
}

async function confirm() {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await post("ask"));
  const answer = await navigator.credentials.get({ publicKey });
  await post("confirm", JSON.stringify(answer.toJSON()));
  tell(place.dataset.confirmed, true);
}

if (place && window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  place.hidden = false;
  makeButton.addEventListener("click", () => busy(makeButton, make));
  confirmButton.addEventListener("click", () => busy(confirmButton, confirm));
}
