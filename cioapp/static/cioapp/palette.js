// The palette: Ctrl K opens it, typing finds people, objects and pages, Enter goes there.
"use strict";

(() => {
  const RECENT_MAX = 6;
  const PAUSE_MS = 120;
  let palette, field, list, empty, said, timer, asked, chosen = -1;

  const recentKey = () => `cio-recent-${palette.dataset.workspace}`;

  function readRecent() {
    try {
      return JSON.parse(localStorage.getItem(recentKey())) || [];
    } catch {
      return [];
    }
  }

  function remember(item) {
    const others = readRecent().filter((each) => each.link !== item.link);
    try {
      localStorage.setItem(recentKey(), JSON.stringify([item, ...others].slice(0, RECENT_MAX)));
    } catch { /* a full or forbidden storage only means no list of recent pages */ }
  }

  function part(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function makeOption(item, number) {
    const option = part("a", "cio-palette-item");
    option.href = item.link;
    option.id = `palette-${number}`;
    option.tabIndex = -1;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const icon = part("span", "material-symbols-outlined", item.icon);
    icon.setAttribute("aria-hidden", "true");
    option.append(icon, part("bdi", "", item.title), part("bdi", "cio-muted", item.note));
    option.addEventListener("click", () => remember(item));
    option.addEventListener("mousemove", () => choose(number));
    return option;
  }

  function show(groups) {
    list.replaceChildren();
    let number = 0;
    groups.forEach((group, at) => {
      const box = part("div", "cio-palette-group");
      const title = part("p", "", group.title);
      title.id = `palette-group-${at}`;
      box.setAttribute("role", "group");
      box.setAttribute("aria-labelledby", title.id);
      box.append(title, ...group.items.map((item) => makeOption(item, number++)));
      list.append(box);
    });
    tell(number ? "" : palette.dataset.none);
    said.textContent = number ? `${palette.dataset.found} ${number}` : palette.dataset.none;
    choose(number ? 0 : -1);
  }

  function tell(text) {
    empty.textContent = text;
    empty.hidden = !text;
  }

  function choose(number) {
    const options = list.querySelectorAll("[role=option]");
    chosen = options.length ? (number + options.length) % options.length : -1;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    if (chosen < 0) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", options[chosen].id);
    options[chosen].scrollIntoView({ block: "nearest" });
  }

  async function ask() {
    const words = field.value.trim();
    asked?.abort();
    asked = new AbortController();
    try {
      const address = `${palette.dataset.search}?q=${encodeURIComponent(words)}`;
      const answer = await fetch(address, { signal: asked.signal });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const { groups } = await answer.json();
      const recent = words ? [] : readRecent();
      const first = recent.length ? [{ title: palette.dataset.recent, items: recent }] : [];
      show([...first, ...groups]);
    } catch (error) {
      if (error.name === "AbortError") return;
      list.replaceChildren();
      tell(palette.dataset.failed);
    }
  }

  function open() {
    if (palette.open) return;
    document.querySelectorAll("dialog[open]").forEach((other) => other.close());
    palette.showModal();
    field.select();
    ask();
  }

  function move(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      choose(chosen + steps[event.key]);
    }
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    const option = list.querySelectorAll("[role=option]")[chosen];
    if (!option) return;
    if (!event.ctrlKey && !event.metaKey) return option.click();
    option.dispatchEvent(new MouseEvent("click", { ctrlKey: event.ctrlKey, metaKey: event.metaKey, bubbles: true, cancelable: true }));
  }

  document.addEventListener("DOMContentLoaded", () => {
    palette = document.getElementById("palette");
    if (!palette) return;
    field = palette.querySelector("input");
    list = palette.querySelector("[role=listbox]");
    empty = palette.querySelector(".cio-palette-none");
    said = palette.querySelector("[role=status]");
    field.addEventListener("keydown", move);
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE_MS);
    });
    document.querySelectorAll("[data-opens=palette]").forEach((button) => {
      button.addEventListener("click", open);
    });
  });

  document.addEventListener("keydown", (event) => {
    const isShortcut = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (!palette || !isShortcut || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    open();
  });
})();
