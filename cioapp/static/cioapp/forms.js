// After an error: the focus goes to the summary's first field, and each of its lines to its own.
// Pickers get the name of their field: select2 names them by the chosen row alone.
"use strict";

(() => {
  const visible = (element) => element && element.offsetParent !== null;

  function fieldOf(link) {
    const field = document.getElementById(link.hash.slice(1));
    if (visible(field)) return field;
    const editor = field && field.closest("[data-attributes]");
    if (!editor) return null;
    const wrong = [...editor.querySelectorAll("[aria-invalid=true]")].filter(visible);
    // A message about an attribute begins with its name.
    const named = wrong.find((input) => link.textContent.includes(`${input.dataset.about}:`));
    return named || wrong[0] || [...editor.querySelectorAll("input, textarea")].find(visible);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-error-summary] a");
    const field = link && fieldOf(link);
    if (!field) return;
    event.preventDefault();
    field.focus();
  });

  function focusFirst(part) {
    const summary = part.querySelector("[data-error-summary]");
    if (!summary) return;
    const link = summary.querySelector("a");
    ((link && fieldOf(link)) || summary).focus();
  }

  function namePicker(picker) {
    const field = picker.closest(".select2").previousElementSibling;
    const label = field && field.labels && field.labels[0];
    const chosen = picker.querySelector("[role=textbox]");
    if (!label || !chosen) return;
    label.id = label.id || `${field.id}_label`;
    chosen.setAttribute("aria-labelledby", label.id);
    picker.setAttribute("aria-labelledby", `${label.id} ${chosen.id}`);
  }

  // The pickers are made by jQuery, after the page is loaded, in the order of the scripts.
  const jQuery = window.django && window.django.jQuery;
  if (jQuery) jQuery(() => document.querySelectorAll(".select2-selection").forEach(namePicker));

  // Waits for the editor, which shows its rows on the events before.
  window.addEventListener("load", () => focusFirst(document));
  document.addEventListener("cio-content", (event) => focusFirst(event.target));
})();
