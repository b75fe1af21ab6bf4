// Asks every second for the cards as the files are now, and puts them in the place of the old ones without a flash.

const live = document.getElementById("live");
let tag = "";

async function look() {
  const answer = await fetch(`/cards${location.search}`, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
  document.getElementById("gone")?.remove();
  if (answer.status !== 200) return;
  const first = tag === "";
  tag = answer.headers.get("ETag") ?? "";
  if (first) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("cards");
  if (!fresh) return;
  await colours(fresh.dataset.colours);
  await Promise.allSettled([...fresh.querySelectorAll("img")].map(loaded));
  document.getElementById("cards").replaceWith(fresh);
}

// The new stylesheet is there before the old one goes.
async function colours(address) {
  const old = document.querySelector("link[data-colours]");
  if (!address || old?.getAttribute("href") === address) return;
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = address;
  sheet.dataset.colours = "";
  await new Promise((done) => {
    sheet.onload = sheet.onerror = done;
    document.head.append(sheet);
  });
  old?.remove();
}

function loaded(image) {
  const early = new Image();
  early.src = image.getAttribute("src");
  return early.decode();
}

function gone() {
  if (document.getElementById("gone")) return;
  const note = document.createElement("p");
  note.id = "gone";
  note.className = "note bad";
  note.setAttribute("role", "status");
  note.textContent = live.dataset.gone;
  live.prepend(note);
}

for (;;) {
  await look().catch(gone);
  await new Promise((done) => setTimeout(done, 1000));
}
