/* Copy buttons: shown only where there is a clipboard, and they say what they did. */
function say(text) {
  const live = document.querySelector("[data-toasts]");
  const line = document.createElement("p");
  line.className = "toast";
  line.textContent = text;
  live.append(line);
  window.setTimeout(() => line.remove(), 4000);
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    say(`Copied ${button.dataset.what}`);
  } catch (refused) {
    say(`The browser did not allow copying: select the ${button.dataset.what} by hand`);
  }
}

if (navigator.clipboard !== undefined) document.documentElement.classList.add("can-copy");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button !== null) copy(button);
});
