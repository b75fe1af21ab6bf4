// Signing out is the server's: where it does not hear of it nobody is signed out, and nothing is forgotten.

import { byId, warn } from "./page.js";

const TIMEOUT = 8000;

/** `address` is where one signs in; `onOut()` puts away what this screen has kept. */
export function offerSigningOut({ texts, address, onOut }) {
  const form = byId("sign-out");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await signOut(form);
    if (!answer) return warn(texts.say("sign_out_offline"));
    // Anything but the way to the sign-in is a page of the server's that says what is wrong.
    if (answer.type !== "opaqueredirect") return form.submit();
    await onOut();
    return location.assign(address);
  });
}

/** The server's answer; null when there is none. */
async function signOut(form) {
  const body = new URLSearchParams(new FormData(form));
  try {
    return await fetch(form.action, { method: "POST", body, redirect: "manual", credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT) });
  } catch {
    return null;
  }
}
