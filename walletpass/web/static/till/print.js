// The practice sheet's button, where the browser can print.

const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => print());
