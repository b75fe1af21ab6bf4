// How far an import has come. The work is the server's: a page that is shut or loaded again finds it further on.

const work = document.getElementById("work");
const bar = document.getElementById("bar");
const numbers = new Intl.NumberFormat(document.documentElement.lang);
let stage = null;

async function look() {
  try {
    const response = await fetch(work.dataset.state, { credentials: "same-origin" });
    if (response.ok) {
      const state = await response.json();
      stage ??= state.stage;
      if (state.stage !== stage || !["checking", "running"].includes(state.stage)) {
        location.reload();
        return;
      }
      bar.value = state.reached;
      for (const name of ["reached", "fresh", "known", "refused"]) document.getElementById(name).textContent = numbers.format(state[name]);
    }
  } catch {
    // No network at this moment: the next look comes.
  }
  setTimeout(look, 1000);
}

look();
