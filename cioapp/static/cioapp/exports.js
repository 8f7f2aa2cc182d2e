// The list of exports: while a file is being made, reads the page again and shows its list.
"use strict";

(() => {
  const SHORTEST = 1000, LONGEST = 8000;
  const RUNNING = "[data-export-running]", LIST = "[data-exports]";
  let pause = SHORTEST;

  // An open menu, or a button that has the focus, stays as it is.
  const isBusy = (list) => list.querySelector("details[open]") || list.contains(document.activeElement);

  async function look() {
    const list = document.querySelector(LIST);
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector(LIST);
      if (answer.ok && fresh && !isBusy(list)) list.replaceWith(fresh);
    } catch {
      // The server may be restarting; the next question will tell.
    }
    pause = Math.min(LONGEST, pause * 1.3);
    wait();
  }

  function wait() {
    if (document.querySelector(RUNNING)) setTimeout(look, pause);
  }

  wait();
})();
