// The panel on the right: a page's form fetched into a dialog. Without it the link opens the page.
"use strict";

(() => {
  const dialog = document.querySelector("[data-panel-dialog]");
  if (!dialog || !dialog.showModal) return;
  const content = dialog.querySelector("[data-panel-content]");
  let opener = null, isTyped = false;

  const asPanel = (link) => {
    const address = new URL(link, location.href);
    address.searchParams.set("panel", "1");
    return address;
  };

  async function load(address, options) {
    const answer = await fetch(address, { credentials: "same-origin", ...options });
    const text = await answer.text();
    // Scripts of a parsed document do not run, and another page, such as the login, is no panel.
    const part = new DOMParser().parseFromString(text, "text/html").querySelector("[data-panel-part]");
    if (!answer.ok || !part) throw new Error("no panel");
    return part;
  }

  function show(part) {
    content.replaceChildren(part);
    part.querySelector("#panel-title").focus();
    // The editor starts, and after an error the first wrong field takes the focus.
    part.dispatchEvent(new CustomEvent("cio-content", { bubbles: true }));
    // What came back with an error is not saved yet.
    isTyped = part.querySelector("[data-error-summary]") !== null;
  }

  function fail() {
    const part = dialog.querySelector("[data-panel-failed]").content.cloneNode(true);
    part.querySelector("[data-panel-page]").href = opener.href;
    content.replaceChildren(part);
    content.querySelector("#panel-title").focus();
  }

  async function open(link) {
    opener = link;
    link.setAttribute("aria-busy", "true");
    let part = null;
    try {
      part = await load(asPanel(link.href));
    } catch { /* told in the panel */ }
    link.removeAttribute("aria-busy");
    dialog.showModal();
    if (part) show(part);
    else fail();
  }

  async function save(form) {
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    form.querySelector("[data-panel-not-saved]").hidden = true;
    try {
      const part = await load(asPanel(form.action), { method: "POST", body: new FormData(form) });
      if ("saved" in part.dataset) finish(part);
      else show(part);
    } catch {
      // What was typed stays where it is.
      const notice = form.querySelector("[data-panel-not-saved]");
      notice.hidden = false;
      notice.focus();
    } finally {
      button.disabled = false;
    }
  }

  function finish(part) {
    const cell = opener.closest("[data-panel-cell]");
    cell.replaceChildren(...part.querySelector("[data-panel-new-cell]").childNodes);
    opener = cell.querySelector("[data-panel]");
    isTyped = false;
    dialog.close();
  }

  const ask = () => {
    const question = content.querySelector("[data-panel-unsaved]");
    if (!isTyped || !question) return false;
    question.hidden = false;
    question.querySelector("button").focus();
    return true;
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-panel]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      open(link);
    }
    if (event.target.closest("[data-panel-discard]")) isTyped = false;
    if (event.target.closest("[data-panel-stay]")) content.querySelector("[data-panel-unsaved]").hidden = true;
    if (event.target.closest("[data-panel-close], [data-panel-discard]") && !ask()) dialog.close();
  });
  // What lies beneath the dialog is the dialog itself: a press there closes it.
  dialog.addEventListener("pointerdown", (event) => {
    if (event.target === dialog && !ask()) dialog.close();
  });
  dialog.addEventListener("cancel", (event) => {
    if (ask()) event.preventDefault();
  });
  dialog.addEventListener("close", () => {
    content.replaceChildren();
    if (opener) opener.focus();
  });
  const typed = () => { isTyped = true; };
  dialog.addEventListener("input", typed);
  dialog.addEventListener("cio-attributes-changed", typed);
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    save(event.target);
  });
})();
