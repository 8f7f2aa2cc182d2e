// Imports: the drop zone with its progress, the sample that is read again, the search among
// columns, and the states in the list. Without it the forms work just the same.
"use strict";

(() => {
  const BINARY = [[0x50, 0x4b, 0x03, 0x04], [0xd0, 0xcf, 0x11, 0xe0], [0x1f, 0x8b], [0x25, 0x50, 0x44, 0x46]];
  const SHORTEST = 1500, LONGEST = 10000;

  // The file: looked at before it is sent, sent with a bar, refused in its place.
  function watchUpload(form) {
    const find = (name) => form.querySelector(`[data-${name}]`);
    const file = form.querySelector("input[type=file]");
    const drop = find("drop"), problem = find("problem"), chosen = find("chosen");
    const sent = find("sent"), said = find("said");
    const button = document.querySelector(`button[type=submit][form=${form.id}]`);
    find("drop-hint").hidden = false;
    // Unfold 0.91 would write the file's name into the first text field that it finds.
    file.hasChangeListener = true;

    async function problemOf(one) {
      if (!one) return "";
      if (one.size === 0) return form.dataset.empty;
      if (one.size > Number(form.dataset.maxBytes)) return form.dataset.tooLarge;
      const start = new Uint8Array(await one.slice(0, 4).arrayBuffer());
      return BINARY.some((mark) => mark.every((byte, at) => start[at] === byte)) ? form.dataset.notText : "";
    }

    function tell(text) {
      problem.textContent = text;
      drop.classList.toggle("cio-import-wrong", Boolean(text));
      file.toggleAttribute("aria-invalid", Boolean(text));
      button.disabled = Boolean(text);
    }

    async function look() {
      const one = file.files[0];
      chosen.hidden = !one;
      if (one) chosen.textContent = sizeOf(one.size);
      tell(await problemOf(one));
    }

    function sizeOf(bytes) {
      const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
      const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
      const format = { style: "unit", unit: units[step], unitDisplay: "short", maximumFractionDigits: step ? 1 : 0 };
      return new Intl.NumberFormat(document.documentElement.lang || undefined, format).format(bytes / 1000 ** step);
    }

    function finish(answer) {
      if (answer && answer.address) {
        location.assign(answer.address);
        return;
      }
      find("sending").hidden = true;
      const problems = Object.entries((answer && answer.problems) || { file: [form.dataset.broken] });
      tell(problems.flatMap(([, messages]) => messages).join(" "));
      button.disabled = false;
      const first = form.querySelector(`[name=${problems[0][0]}]`);
      (first || file).focus();
    }

    function send(event) {
      if (!file.files[0]) return; // an address is fetched by the server, without a bar
      event.preventDefault();
      button.disabled = true;
      find("sending").hidden = false;
      let spoken = -10;
      const request = new XMLHttpRequest();
      request.upload.addEventListener("progress", (progress) => {
        if (!progress.lengthComputable) return;
        const percent = Math.round((progress.loaded * 100) / progress.total);
        sent.value = percent;
        if (percent < spoken + 10) return;
        spoken = percent;
        said.textContent = form.dataset.sending.replace("{percent}", String(percent));
      });
      request.addEventListener("load", () => {
        let answer = null;
        try { answer = JSON.parse(request.responseText); } catch { /* an error page is not JSON */ }
        finish(answer);
      });
      request.addEventListener("error", () => finish(null));
      request.open("POST", location.href);
      request.setRequestHeader("Accept", "application/json");
      request.send(new FormData(form));
    }

    ["dragenter", "dragover"].forEach((name) => drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("cio-import-over");
    }));
    ["dragleave", "drop"].forEach((name) => drop.addEventListener(name, () => drop.classList.remove("cio-import-over")));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!event.dataTransfer.files.length) return;
      file.files = event.dataTransfer.files;
      look();
    });
    // A file that was corrected and is chosen again is no change otherwise.
    file.addEventListener("click", () => {
      file.value = "";
      look();
    });
    file.addEventListener("change", look);
    form.addEventListener("submit", send);
    window.addEventListener("pageshow", look);
  }

  // The sample: read again as soon as the encoding or the delimiter is another one.
  function watchSetup(form) {
    let asked = 0;
    const again = async () => {
      const mine = ++asked;
      const body = new FormData(form);
      body.set("go", "redraw");
      form.querySelector("[data-sample]").setAttribute("aria-busy", "true");
      const answer = await fetch(location.href, { method: "POST", body });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-sample]");
      if (mine !== asked || !fresh) return;
      const focused = document.activeElement && document.activeElement.id;
      form.querySelector("[data-sample]").replaceWith(fresh);
      if (focused) document.getElementById(focused)?.focus();
      hide();
    };
    const hide = () => { form.querySelector("[data-redraw]").hidden = true; };
    form.addEventListener("change", (event) => {
      if (event.target.matches("[data-redraws]")) again();
    });
    hide();
  }

  // The columns: found by their names, and one click takes the attribute that there is.
  function watchColumns(form) {
    const rows = [...form.querySelectorAll("tbody tr")];
    const words = form.querySelector("[data-find-text]");
    form.querySelector("[data-find]").hidden = false;
    words.addEventListener("input", () => {
      const text = words.value.trim().toLowerCase();
      rows.forEach((row) => { row.hidden = !row.dataset.name.includes(text); });
    });
    words.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-use]");
      if (!button) return;
      event.preventDefault();
      const row = button.closest("tr");
      row.querySelector("select[name^=becomes]").value = "attribute";
      const name = row.querySelector("input[name^=name]");
      name.value = button.dataset.use;
      row.classList.remove("cio-import-warned");
      button.closest("p").remove();
      name.focus();
    });
  }

  // The list: asks about what is running, less and less often.
  function watchList(table) {
    const running = () => [...table.querySelectorAll("[data-import]")];
    let pause = SHORTEST;
    const show = (row, told) => {
      const label = row.querySelector("[data-label]");
      label.textContent = told.label;
      label.className = `cio-badge ${told.tone}`;
      row.querySelector("[data-counts]").textContent = told.counts;
      const bar = row.querySelector("[data-bar]");
      bar.value = told.percent;
      if (told.is_running) return;
      bar.remove();
      row.removeAttribute("data-import");
    };
    const ask = async () => {
      const rows = running();
      if (!rows.length) return;
      try {
        const keys = rows.map((row) => row.dataset.import).join(",");
        const answer = await fetch(`${table.dataset.imports}?keys=${keys}`, { headers: { Accept: "application/json" } });
        const told = new Map((await answer.json()).imports.map((each) => [String(each.key), each]));
        rows.forEach((row) => { if (told.has(row.dataset.import)) show(row, told.get(row.dataset.import)); });
      } catch {
        // The server may be restarting; the next question will tell.
      }
      pause = Math.min(LONGEST, pause * 1.3);
      setTimeout(ask, pause);
    };
    setTimeout(ask, pause);
  }

  const watch = (selector, start) => document.querySelectorAll(selector).forEach(start);
  watch("form[data-upload]", watchUpload);
  watch("form[data-setup]", watchSetup);
  watch("form[data-columns]", watchColumns);
  watch("table[data-imports]", watchList);
})();
