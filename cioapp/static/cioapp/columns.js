// The columns of a list: moved, hidden and added on the spot. Without this each button asks the
// server for the form as it is afterwards.
"use strict";

(() => {
  class ColumnForm {
    constructor(form) {
      this.form = form;
      this.find = (name) => form.querySelector(`[data-column-${name}]`);
      this.list = this.find("list");
      this.hidden = this.find("hidden");
      this.typed = this.find("typed");
      this.dragged = null;
      form.addEventListener("click", (event) => this.clicked(event));
      this.typed.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && this.typed.value) this.add(event);
      });
      this.list.addEventListener("dragstart", (event) => this.lift(event));
      this.list.addEventListener("dragover", (event) => this.carry(event));
      this.list.addEventListener("dragend", () => this.drop());
    }

    clicked(event) {
      const button = event.target.closest("button");
      if (!button) return;
      const line = button.closest("[data-column]");
      if (button.matches("[data-column-move]")) this.move(event, line, Number(button.dataset.columnMove));
      else if (button.matches("[data-column-hide]")) this.hide(event, line);
      else if (button.matches("[data-column-add]")) this.add(event);
      else if (button.parentElement === this.hidden) this.showAgain(event, button);
    }

    // The line moves before the page looks whether the click was outside of the menu.
    take(event) {
      event.preventDefault();
      event.stopPropagation();
    }

    move(event, line, step) {
      this.take(event);
      const other = step < 0 ? line.previousElementSibling : line.nextElementSibling;
      if (!other) return;
      if (step < 0) other.before(line);
      else other.after(line);
      event.target.closest("button").focus();
      this.say("moved", line);
    }

    hide(event, line) {
      this.take(event);
      if (this.list.children.length === 1) return;
      const next = line.nextElementSibling || line.previousElementSibling;
      if ("fixed" in line.dataset) this.offer(line);
      line.remove();
      next.querySelector("button").focus();
      this.say("hiddenSaid", line);
    }

    offer(line) {
      const button = document.createElement("button");
      button.type = "submit";
      button.name = "go";
      button.className = "cio-column-chip";
      button.value = `show:${this.codeOf(line)}`;
      button.dataset.label = line.dataset.label;
      const icon = document.createElement("span");
      icon.className = "material-symbols-outlined";
      icon.ariaHidden = "true";
      icon.textContent = "add";
      button.append(icon, line.dataset.label);
      this.hidden.append(button);
    }

    showAgain(event, button) {
      this.take(event);
      const line = this.append(button.value.slice("show:".length), button.dataset.label, true);
      button.remove();
      line.querySelector("button").focus();
    }

    add(event) {
      const name = this.typed.value;
      if (!name) return;
      // What the server would refuse, it says itself, with the form as it is.
      if (/\\$/.test(name) || name.startsWith("[]") || name.length > 500) return;
      this.take(event);
      const code = `attribute:${name}`;
      if (![...this.list.children].some((line) => this.codeOf(line) === code)) this.append(code, name, false);
      this.typed.value = "";
      this.typed.focus();
    }

    append(code, label, isFixed) {
      const line = this.find("blank").content.firstElementChild.cloneNode(true);
      line.querySelector("[name=column]").value = code;
      line.dataset.label = label;
      if (!isFixed) delete line.dataset.fixed;
      const name = line.querySelector("[data-column-name]");
      name.textContent = label;
      name.classList.toggle("cio-code", !isFixed);
      line.querySelectorAll("button").forEach((button) => {
        button.value += code;
        button.setAttribute("aria-label", `${button.title}: ${label}`);
      });
      this.list.append(line);
      line.scrollIntoView({ block: "nearest" });
      this.say("shownSaid", line);
      return line;
    }

    codeOf(line) {
      return line.querySelector("[name=column]").value;
    }

    say(what, line) {
      const place = [...this.list.children].indexOf(line) + 1;
      const text = this.find("said").dataset[what];
      this.find("said").textContent = text.replace("%(name)s", line.dataset.label).replace("%(place)s", place);
    }

    lift(event) {
      this.dragged = event.target.closest("[data-column]");
      this.dragged.classList.add("cio-column-dragged");
      event.dataTransfer.effectAllowed = "move";
    }

    carry(event) {
      const over = event.target.closest("[data-column]");
      if (!this.dragged || !over) return;
      event.preventDefault();
      if (over === this.dragged) return;
      const box = over.getBoundingClientRect();
      if (event.clientY < box.top + box.height / 2) over.before(this.dragged);
      else over.after(this.dragged);
    }

    drop() {
      if (!this.dragged) return;
      this.dragged.classList.remove("cio-column-dragged");
      this.say("moved", this.dragged);
      this.dragged = null;
    }
  }

  document.addEventListener("DOMContentLoaded", () =>
    document.querySelectorAll("[data-columns]").forEach((form) => new ColumnForm(form)));
})();
