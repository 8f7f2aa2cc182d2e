// Single keys in lists: j and k walk the rows, x selects one, Enter opens it, ? shows the keys.
"use strict";

(() => {
  const SWITCH = "cio-single-keys";
  const FIELDS = "input, textarea, select, [contenteditable], [role=combobox]";

  const areOn = () => localStorage.getItem(SWITCH) !== "off";

  function rows() {
    return [...document.querySelectorAll("#result_list tbody tr, #content-main .cio-table tbody tr")];
  }

  function linkOf(row) {
    return row.querySelector("th a[href], .cio-name[href], td a[href]");
  }

  function step(by) {
    const all = rows().filter(linkOf);
    if (!all.length) return;
    const here = all.findIndex((row) => row.contains(document.activeElement));
    const next = here < 0 ? (by > 0 ? 0 : all.length - 1) : here + by;
    const row = all[Math.max(0, Math.min(all.length - 1, next))];
    linkOf(row).focus();
    row.scrollIntoView({ block: "nearest" });
  }

  function select() {
    const row = rows().find((each) => each.contains(document.activeElement));
    const box = row?.querySelector("input[type=checkbox]");
    if (!box || box.disabled) return;
    box.click();
    linkOf(row)?.focus();
  }

  function open() {
    const keys = document.getElementById("keys");
    if (!keys || keys.open) return;
    keys.querySelector("[data-single-keys]").checked = areOn();
    keys.showModal();
  }

  const ACTIONS = {
    j: () => step(1),
    k: () => step(-1),
    x: select,
    "?": open,
    "/": () => document.getElementById("searchbar")?.focus(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!areOn() || document.querySelector("dialog[open]")) return;
    const isBox = event.target.matches?.("input[type=checkbox], input[type=radio]");
    if (!isBox && event.target.closest?.(FIELDS)) return;
    const act = ACTIONS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-opens=keys]")) open();
    if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
    if (event.target.matches("dialog.cio-dialog")) event.target.close();
  });

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-single-keys]")) return;
    localStorage.setItem(SWITCH, event.target.checked ? "on" : "off");
  });
})();
