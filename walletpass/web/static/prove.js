// The wait before another code may be asked for, counted down. Without this the sentence stands still and the server refuses.

const button = document.getElementById("again");
const wait = document.getElementById("wait");
const started = Date.now();

function left() {
  return Math.max(0, Number(button.dataset.wait) - Math.floor((Date.now() - started) / 1000));
}

function show() {
  const seconds = left();
  button.disabled = seconds > 0;
  if (!seconds) {
    wait.textContent = "";
    clearInterval(timer);
    return;
  }
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  wait.textContent = wait.dataset.seconds.replace("{clock}", clock);
}

const timer = button && Number(button.dataset.wait) ? setInterval(show, 1000) : 0;
if (timer) show();
