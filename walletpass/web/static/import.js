// A file goes up in pieces: a broken connection costs one of them, and no proxy finds it too large.

const form = document.getElementById("upload");
const field = document.getElementById("file");
const bar = document.getElementById("sent");
const wrong = document.getElementById("upload-wrong");
const button = form.querySelector("button");
const token = form.elements.csrf_token.value;

const PAUSES = [500, 1000, 2000, 4000];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Refused extends Error {}

async function ask(url, options, sentence) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await fetch(url, { credentials: "same-origin", ...options, headers: { "X-CSRFToken": token, ...options.headers } });
      if (response.ok) return response;
      if (response.status < 500) throw new Refused(sentence);
    } catch (error) {
      if (error instanceof Refused) throw error;
    }
    if (attempt >= PAUSES.length) throw new Refused(form.dataset.broken);
    await sleep(PAUSES[attempt]);
  }
}

async function send(file) {
  if (file.size > Number(form.dataset.largest)) throw new Refused(form.dataset.tooLarge);
  const announced = new URLSearchParams({ filename: file.name, size: file.size });
  const begun = await (await ask(location.pathname, { method: "POST", body: announced }, form.dataset.unreadable)).json();
  const count = Math.ceil(file.size / begun.piece);
  for (let position = 0; position < count; position += 1) {
    const piece = file.slice(position * begun.piece, (position + 1) * begun.piece);
    const options = { method: "PUT", body: piece, headers: { "Content-Type": "application/octet-stream" } };
    await ask(`${begun.url}/pieces/${position}`, options, form.dataset.broken);
    bar.value = (100 * (position + 1)) / count;
  }
  await ask(begun.url + location.search, { method: "POST", body: new URLSearchParams({ action: "look" }) }, form.dataset.unreadable);
  location.assign(begun.url + location.search);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!field.files.length) return;
  wrong.hidden = true;
  bar.hidden = false;
  bar.value = 0;
  button.disabled = true;
  try {
    await send(field.files[0]);
  } catch (error) {
    wrong.textContent = error instanceof Refused ? error.message : form.dataset.broken;
    wrong.hidden = false;
    bar.hidden = true;
    button.disabled = false;
  }
});
