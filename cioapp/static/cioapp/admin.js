// Small things on every page: copy buttons, menus that close, the name typed before a deletion,
// the place in the navigation.
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    navigator.clipboard.writeText(button.dataset.copy).then(() => {
      button.classList.add("cio-copied");
      setTimeout(() => button.classList.remove("cio-copied"), 1200);
    });
  }
  document.querySelectorAll("details.cio-menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.cio-menu[open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});

// The server checks the name again; this only keeps the button off until it is right.
document.addEventListener("input", (event) => {
  const field = event.target.closest("[data-must-equal]");
  if (!field) return;
  field.form.querySelector("[type=submit]").disabled = field.value !== field.dataset.mustEqual;
});

document.addEventListener("DOMContentLoaded", () => {
  // Reloading the answer to a form would send it again: another key would be made.
  const once = document.querySelector("[data-shown-once]");
  if (once) history.replaceState(null, "", once.dataset.shownOnce);

  // The navigation may be longer than the window: show where this page stands in it.
  const entry = document.querySelector(".cio-nav [aria-current=page]");
  const list = entry?.closest(".cio-nav");
  if (!list) return;
  const below = entry.getBoundingClientRect().bottom - list.getBoundingClientRect().bottom;
  if (below > 0) list.scrollTop += below + 16;
});
