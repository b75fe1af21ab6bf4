// The PIN pad. Without this file the page is a plain form: names, a PIN field and a button.

const form = document.getElementById("sign-in");

// Wherever they signed out: no guest's name stays on a device at which nobody is signed in.
try {
  localStorage.removeItem(`walletpass.coats.known.${location.pathname.split("/")[2]}`);
} catch {
  // A browser that keeps nothing has kept no name.
}

if (form) {
  const pin = document.getElementById("pin");
  const keys = document.getElementById("keys");
  const other = document.getElementById("someone-else");
  const touch = matchMedia("(pointer: coarse)").matches;

  keys.hidden = false;
  if (touch) pin.inputMode = "none";

  const chosen = () => form.querySelector("input[name=staff_id]:checked");

  const arrange = () => {
    form.classList.toggle("chosen", Boolean(chosen()));
    other.hidden = !chosen();
  };

  const rub = () => {
    pin.value = pin.value.slice(0, -1);
  };

  keys.addEventListener("click", (event) => {
    const key = event.target.closest("button");
    if (!key) return;
    if ("rub" in key.dataset) rub();
    else if (pin.value.length < 6) pin.value += key.dataset.digit;
  });

  form.addEventListener("change", (event) => {
    if (event.target.name !== "staff_id") return;
    pin.value = "";
    arrange();
    if (!touch) pin.focus();
  });

  other.addEventListener("click", () => {
    const person = chosen();
    person.checked = false;
    arrange();
    person.focus();
  });

  // Digits typed while nothing is focused belong to the PIN.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === pin || !chosen()) return;
    if (/^[0-9]$/.test(event.key) && pin.value.length < 6) pin.value += event.key;
    else if (event.key === "Backspace") rub();
    else if (event.key === "Enter" && event.target.name === "staff_id") form.requestSubmit();
    else return;
    event.preventDefault();
  });

  arrange();
  if (chosen() && !touch) pin.focus();
}
