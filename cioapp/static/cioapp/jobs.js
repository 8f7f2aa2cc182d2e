// The page of a running task: asks how far it is, less and less often, and shows the result.
"use strict";

(() => {
  const SHORTEST = 1000, LONGEST = 5000, SPOKEN_STEP = 10;
  const card = document.querySelector("[data-job]");
  if (!card) return;
  const find = (name) => document.querySelector(`[data-job-${name}]`);
  const bar = find("bar"), said = find("said");
  let pause = SHORTEST, spoken = 0;

  function show(progress) {
    find("label").textContent = progress.label;
    find("text").textContent = progress.text;
    find("rest").textContent = progress.rest;
    find("waiting").hidden = !progress.is_waiting;
    bar.value = progress.percent;
    bar.setAttribute("aria-valuenow", String(progress.percent));
    if (progress.percent >= spoken + SPOKEN_STEP) {
      spoken = progress.percent - (progress.percent % SPOKEN_STEP);
      said.textContent = said.dataset.text.replace("{percent}", String(spoken));
    }
  }

  async function ask() {
    try {
      const answer = await fetch(card.dataset.job, { headers: { Accept: "application/json" } });
      const progress = await answer.json();
      if (progress.is_finished) {
        location.reload();
        return;
      }
      show(progress);
    } catch {
      // The server may be restarting; the next question will tell.
    }
    pause = Math.min(LONGEST, pause * 1.3);
    setTimeout(ask, pause);
  }

  setTimeout(ask, pause);
})();
