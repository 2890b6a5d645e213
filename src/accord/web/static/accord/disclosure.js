/* Things that open and close: menus, dialogs, toasts, and the navigation at narrow widths. */
function toggle(button) {
  const target = document.getElementById(button.dataset.toggle);
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
  target.classList.toggle("is-open", open);
}

document.addEventListener("click", (event) => {
  const target = event.target;
  const toggler = target.closest("[data-toggle]");
  const opener = target.closest("[data-open]");
  if (toggler !== null) toggle(toggler);
  if (opener !== null) document.getElementById(opener.dataset.open).showModal();
  if (target.closest("[data-close]") !== null) target.closest("dialog").close();
  if (target.closest("[data-close-toast]") !== null) target.closest("[data-toast]").remove();
  if (target.matches("dialog[open]")) closeOutside(target, event);
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});

function closeOutside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right
    && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) dialog.close();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
