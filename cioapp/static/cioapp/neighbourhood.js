// Pointing at a row lights its dot in the picture, and the other way round.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const whole = document.querySelector("[data-neighbourhood]");
  if (!whole) return;

  function light(number) {
    whole.querySelectorAll(".cio-lit").forEach((part) => part.classList.remove("cio-lit"));
    if (!number) return;
    const parts = `[data-dot="${number}"], [data-first="${number}"], [data-second="${number}"]`;
    whole.querySelectorAll(parts).forEach((part) => part.classList.add("cio-lit"));
  }

  for (const kind of ["mouseover", "focusin"]) {
    whole.addEventListener(kind, (event) => light(event.target.closest("[data-dot]")?.dataset.dot));
  }
  whole.addEventListener("mouseleave", () => light(""));
});
