// The card on the join page carries the guest's name while it is being typed.

const field = document.getElementById("name");
const holder = document.getElementById("holder");

function show() {
  holder.textContent = field.value.trim() || holder.dataset.empty;
}

field.addEventListener("input", show);
show();
