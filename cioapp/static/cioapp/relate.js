// The choosing steps: the running count, the box of the whole page, and rows that are boxes.
// Without it the boxes are posted just the same.
"use strict";

(() => {
  const form = document.getElementById("relate-form");
  const boxes = [...form.querySelectorAll("input[name=chosen]")];
  const whole = form.querySelector("[data-check-page]");
  const output = form.querySelector("[data-selected]");
  if (boxes.length === 0 || !output) return;

  const checked = () => boxes.filter((box) => box.checked).length;
  const elsewhere = Number(output.dataset.count) - boxes.filter((box) => box.defaultChecked).length;
  let last = null;

  function show() {
    const count = checked();
    output.textContent = output.dataset.text.replace("{count}", (elsewhere + count).toLocaleString("en"));
    whole.checked = count === boxes.length;
    whole.indeterminate = count > 0 && count < boxes.length;
  }

  // With Shift held, all rows from the last one clicked on become like this one.
  function reach(box, event) {
    if (event.shiftKey && last) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((one, other) => one - other);
      boxes.slice(from, to + 1).forEach((each) => { each.checked = box.checked; });
    }
    last = box;
    show();
  }

  whole.hidden = false;
  whole.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = whole.checked; });
    show();
  });
  boxes.forEach((box) => box.addEventListener("click", (event) => reach(box, event)));
  form.querySelectorAll("[data-pick]").forEach((row) => row.addEventListener("click", (event) => {
    if (event.target.closest("input, label, a, button")) return;
    const box = row.querySelector("input[name=chosen]");
    box.checked = !box.checked;
    reach(box, event);
  }));
  // The browser may have kept boxes from before; what the server says counts.
  window.addEventListener("pageshow", show);
  show();
})();
