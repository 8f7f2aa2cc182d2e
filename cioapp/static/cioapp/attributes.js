// The attribute editor: rows of name, type and value over the text area that the form posts.
// Values stay text from end to end, because a JavaScript number would round large integers.
"use strict";

(() => {
  const TEXT = "text", NUMBER = "number", BOOLEAN = "boolean", TIME = "time", JSON_KIND = "json";
  const compact = (text) => text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");
  const secondsOf = (moment) => String(Math.floor(Date.parse(`${moment}Z`) / 1000));
  const utcOf = (date) => date.toISOString().slice(0, 19);
  const zone = new Intl.DateTimeFormat(undefined, { timeZoneName: "short" })
    .formatToParts(new Date()).find((part) => part.type === "timeZoneName").value;

  // Times are posted in UTC and typed in the reader's zone; what is not touched goes back as it came.
  function showMoment(input, utc) {
    const date = new Date(`${utc}Z`);
    if (Number.isNaN(date.getTime())) return;
    input.value = utcOf(new Date(date.getTime() - date.getTimezoneOffset() * 60000));
    input.dataset.shown = input.value;
    input.dataset.utc = utc;
    input.title = secondsOf(utc);
  }

  function utcIn(input) {
    if (input.value === input.dataset.shown) return input.dataset.utc;
    const date = new Date(input.value);
    return Number.isNaN(date.getTime()) ? "" : utcOf(date);
  }

  // Says where a text stops being JSON; browsers word it differently, some not at all.
  function placeOf(error, source) {
    const named = /line (\d+) column (\d+)/.exec(error.message);
    if (named) return [Number(named[1]), Number(named[2])];
    const position = /position (\d+)/.exec(error.message);
    if (!position) return null;
    const before = source.slice(0, Number(position[1])).split("\n");
    return [before.length, before.at(-1).length + 1];
  }

  // Cuts {"name": value, ...} into [name, source of the value] without reading the values.
  function entriesOf(source) {
    const parsed = JSON.parse(source);
    if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) {
      throw new SyntaxError("not an object at position 0");
    }
    const text = compact(source).slice(1, -1);
    const pieces = [];
    let depth = 0, start = 0, inText = false;
    for (let at = 0; at <= text.length; at += 1) {
      const letter = text[at];
      if (inText) {
        if (letter === "\\") at += 1;
        else if (letter === '"') inText = false;
      } else if (letter === '"') inText = true;
      else if (letter === "{" || letter === "[") depth += 1;
      else if (letter === "}" || letter === "]") depth -= 1;
      else if (depth === 0 && (letter === "," || letter === ":" || letter === undefined)) {
        if (at > start) pieces.push(text.slice(start, at));
        start = at + 1;
      }
    }
    const entries = new Map();
    for (let at = 0; at + 1 < pieces.length; at += 2) entries.set(JSON.parse(pieces[at]), pieces[at + 1]);
    return [...entries];
  }

  function rowOf(name, source) {
    if (source[0] === '"') return [name, TEXT, JSON.parse(source)];
    if (source === "true" || source === "false") return [name, BOOLEAN, source];
    if (/^[-0-9]/.test(source)) return [name, NUMBER, source];
    return [name, JSON_KIND, source];
  }

  function sourceOf([, kind, value]) {
    if (kind === TEXT) return JSON.stringify(value);
    if (kind === TIME) return secondsOf(value);
    return value.trim() === "" ? '""' : value.trim();
  }

  class Editor {
    constructor(root) {
      this.find = (name) => root.querySelector(`[data-${name}]`);
      this.root = root;
      this.raw = this.find("raw");
      this.body = this.find("body");
      this.modes = root.querySelectorAll("[data-mode]");
      this.find("bar").hidden = false;
      this.body.querySelectorAll("[data-row]").forEach((row) => this.start(row));
      this.find("add").addEventListener("click", () => this.add(["", TEXT, ""]).querySelector("[data-name]").focus());
      this.modes.forEach((button) => button.addEventListener("click", () => this.change(button.dataset.mode)));
      root.addEventListener("input", () => this.measure());
      root.addEventListener("change", (event) => {
        if (event.target.matches("[data-kind]")) this.convert(event.target.closest("[data-row]"));
        if (event.target.matches("[data-name]")) this.label(event.target.closest("[data-row]"));
        if (event.target === this.raw) this.check();
        this.measure();
      });
      root.addEventListener("click", (event) => this.remove(event.target.closest("[data-remove]")));
      root.closest("form").addEventListener("submit", () => {
        this.find("rows").value = this.mode === "rows" ? JSON.stringify(this.rows()) : "";
      });
      this.set("rawFirst" in root.dataset ? "raw" : "rows");
      if (this.mode === "raw") this.check();
    }

    set(mode) {
      this.mode = mode;
      this.modes.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.mode === mode)));
      this.raw.hidden = mode === "rows";
      this.find("table").hidden = mode === "raw";
      this.measure();
    }

    change(mode) {
      if (mode === this.mode) return;
      this.find("problem").hidden = true;
      if (mode === "raw") this.raw.value = this.text("\n");
      else if (!this.fill()) return;
      this.set(mode);
    }

    // Fills the rows from the JSON; times keep their type where the name had it before.
    fill() {
      const entries = this.check();
      if (!entries) {
        this.raw.focus();
        return false;
      }
      const times = new Set(this.rows().filter((row) => row[1] === TIME).map((row) => row[0]));
      this.body.replaceChildren();
      for (const [name, source] of entries) {
        const row = this.add(rowOf(name, source));
        if (times.has(name) && /^-?\d{1,11}$/.test(source)) {
          row.querySelector("[data-kind]").value = TIME;
          this.convert(row);
        }
      }
      return true;
    }

    // Gives the entries of the JSON, or says where it goes wrong and puts the cursor there.
    check() {
      const problem = this.find("problem");
      problem.hidden = true;
      this.raw.removeAttribute("aria-invalid");
      try {
        return entriesOf(this.raw.value.trim() ? this.raw.value : "{}");
      } catch (error) {
        const place = placeOf(error, this.raw.value);
        problem.textContent = place
          ? problem.dataset.textAt.replace("{line}", place[0]).replace("{column}", place[1])
          : problem.dataset.text;
        problem.hidden = false;
        this.raw.setAttribute("aria-invalid", "true");
        if (place) {
          const lines = this.raw.value.split("\n").slice(0, place[0] - 1);
          const at = lines.reduce((sum, line) => sum + line.length + 1, 0) + place[1] - 1;
          this.raw.setSelectionRange(at, at);
        }
        return null;
      }
    }

    start(row) {
      const moment = row.querySelector("[data-moment]");
      showMoment(moment, moment.value);
      row.querySelector("[data-zone]").textContent = zone;
      this.show(row);
    }

    label(row) {
      row.setAttribute("aria-label", row.querySelector("[data-name]").value);
    }

    tell() {
      this.measure();
      this.root.dispatchEvent(new CustomEvent("cio-attributes-changed", { bubbles: true }));
    }

    add([name, kind, value]) {
      const row = this.find("blank").content.firstElementChild.cloneNode(true);
      row.querySelector("[data-name]").value = name;
      row.querySelector("[data-kind]").value = kind;
      row.querySelector("[data-text]").value = value;
      row.querySelector("[data-choice]").value = value === "false" ? "false" : "true";
      this.body.append(row);
      this.start(row);
      this.label(row);
      this.tell();
      return row;
    }

    remove(button) {
      if (!button) return;
      const row = button.closest("[data-row]");
      const next = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      (next ? next.querySelector("[data-remove]") : this.find("add")).focus();
      this.tell();
    }

    show(row) {
      const kind = row.querySelector("[data-kind]").value;
      const text = row.querySelector("[data-text]");
      text.hidden = kind === BOOLEAN || kind === TIME;
      text.classList.toggle("cio-code", kind === NUMBER || kind === JSON_KIND);
      row.querySelector("[data-choice]").hidden = kind !== BOOLEAN;
      row.querySelector("[data-time]").hidden = kind !== TIME;
    }

    // Carries the value over when the type is changed.
    convert(row) {
      const text = row.querySelector("[data-text]");
      const moment = row.querySelector("[data-moment]");
      if (!text.hidden && /^-?\d{1,11}$/.test(text.value) && row.querySelector("[data-kind]").value === TIME) {
        showMoment(moment, utcOf(new Date(Number(text.value) * 1000)));
      } else if (!row.querySelector("[data-time]").hidden && moment.value) {
        text.value = secondsOf(utcIn(moment));
      } else if (!row.querySelector("[data-choice]").hidden) {
        text.value = row.querySelector("[data-choice]").value;
      }
      this.show(row);
    }

    rows() {
      return [...this.body.querySelectorAll("[data-row]")].map((row) => {
        const kind = row.querySelector("[data-kind]").value;
        const part = row.querySelector(`[data-${{ [BOOLEAN]: "choice", [TIME]: "moment" }[kind] || "text"}]`);
        return [row.querySelector("[data-name]").value, kind, kind === TIME ? utcIn(part) : part.value];
      });
    }

    text(gap) {
      const lines = this.rows().filter((row) => row[0] !== "").map((row) =>
        `${JSON.stringify(row[0])}:${gap ? " " : ""}${sourceOf(row)}`);
      if (!gap || lines.length === 0) return `{${lines.join(",")}}`;
      return `{\n  ${lines.join(",\n  ")}\n}`;
    }

    measure() {
      const source = this.mode === "raw" ? this.raw.value : this.text("");
      const bytes = new TextEncoder().encode(compact(source)).length;
      const limit = Number(this.root.dataset.limit);
      const size = this.find("size");
      size.textContent = size.dataset.text
        .replace("{size}", bytes.toLocaleString()).replace("{limit}", limit.toLocaleString());
      size.classList.toggle("cio-over", bytes > limit);
      this.find("meter").value = bytes;
      this.find("none").hidden = this.body.childElementCount > 0;
    }
  }

  const start = (part) => part.querySelectorAll("[data-attributes]").forEach((root) => new Editor(root));
  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("cio-content", (event) => start(event.target));
})();
