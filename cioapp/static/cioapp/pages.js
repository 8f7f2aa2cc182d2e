// The pages of one object or person: checked rows, and times in the reader's own zone.
"use strict";

(() => {
  // Times come in the server's zone; here they are written in the browser's, with its name.
  const zoned = new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
    year: "numeric", month: "short", day: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
  });

  function localise(root) {
    root.querySelectorAll("time[data-local]").forEach((time) => {
      const moment = new Date(time.dateTime);
      if (!Number.isNaN(moment.getTime())) time.textContent = zoned.format(moment);
    });
  }

  function watchChosen(form) {
    const boxes = [...form.querySelectorAll("[name=chosen]")];
    const all = form.querySelector("[data-choose-all]");
    const said = form.querySelector("[data-chosen-count]");
    const button = form.querySelector("[data-needs-chosen]");
    if (!all || !button) return;
    const hint = said.textContent;
    const tell = () => {
      const count = boxes.filter((box) => box.checked).length;
      all.checked = count === boxes.length;
      all.indeterminate = count > 0 && count < boxes.length;
      button.disabled = count === 0;
      said.textContent = count ? said.dataset.text.replace("{count}", count) : hint;
      boxes.forEach((box) => box.closest("tr").classList.toggle("cio-checked", box.checked));
    };
    all.hidden = false;
    all.addEventListener("change", () => {
      boxes.forEach((box) => { box.checked = all.checked; });
      tell();
    });
    form.addEventListener("change", tell);
    window.addEventListener("pageshow", tell);
    tell();
  }

  // On a narrow screen the tabs scroll; the open one has to be seen.
  function showOpenTab() {
    const open = document.querySelector(".cio-tabs [aria-current=page]");
    if (open) open.parentElement.scrollLeft = open.offsetLeft - open.parentElement.offsetLeft - 16;
  }

  document.addEventListener("DOMContentLoaded", () => {
    showOpenTab();
    localise(document);
    document.querySelectorAll("form[data-chosen]").forEach(watchChosen);
  });
})();
