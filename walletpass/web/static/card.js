// In an app's own browser: one tap copies the address, so that it can be opened in Safari or Chrome.

const button = document.getElementById("copy");

if (button && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(document.getElementById("address").textContent.trim());
      button.textContent = button.dataset.done;
    } catch {
      getSelection().selectAllChildren(document.getElementById("address"));
    }
  });
}
