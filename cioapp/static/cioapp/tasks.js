// The icon of the tasks: asks what is running while somebody looks, and fills the menu.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const BUSY = 3000, IDLE = 60000, LONGEST = 120000;
  const menu = document.querySelector("[data-tasks]");
  if (!menu) return;
  const list = menu.querySelector("[data-tasks-list]");
  const note = menu.querySelector("[data-tasks-note]");
  const number = menu.querySelector("[data-tasks-number]");
  const said = menu.querySelector("[data-tasks-said]");
  let running = Number(menu.dataset.running), timer = 0, askedAt = Date.now(), failures = 0;

  const make = (name, className, text) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  };

  function line(task) {
    const item = make("li");
    const link = make("a");
    link.href = task.link;
    const head = make("span", "cio-task-head");
    head.append(make("bdi", "", task.title), make("span", `cio-badge ${task.tone}`, task.label));
    link.append(head);
    if (!task.is_finished) {
      const bar = make("progress", "cio-task-bar");
      bar.max = 100;
      bar.value = task.percent;
      bar.setAttribute("aria-label", task.title);
      link.append(bar);
    }
    const foot = make("span", "cio-task-foot");
    const time = make("time", "", task.shown_since);
    time.dateTime = task.since;
    foot.append(make("span", "", task.text), time);
    link.append(foot);
    item.append(link);
    return item;
  }

  function show(found) {
    running = found.running;
    menu.classList.toggle("cio-tasks-busy", running > 0);
    number.textContent = running ? String(running) : "";
    // A live region that is written with the same words would be read out again.
    if (said.textContent !== found.label) said.textContent = found.label;
    if (!menu.open) return;
    list.replaceChildren(...found.tasks.map(line));
    note.textContent = found.tasks.length ? "" : note.dataset.none;
  }

  async function ask() {
    clearTimeout(timer);
    askedAt = Date.now();
    try {
      const answer = await fetch(menu.dataset.tasks, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.json());
      failures = 0;
    } catch {
      failures += 1;
      if (menu.open && !list.childElementCount) note.textContent = note.dataset.failed;
    }
    wait();
  }

  function wait() {
    clearTimeout(timer);
    if (document.hidden) return;
    const pause = running || menu.open ? BUSY : IDLE;
    timer = setTimeout(ask, Math.min(LONGEST, pause * 2 ** failures));
  }

  menu.addEventListener("toggle", () => { if (menu.open) ask(); });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else if (Date.now() - askedAt > (running ? BUSY : IDLE)) ask();
    else wait();
  });
  wait();
});
