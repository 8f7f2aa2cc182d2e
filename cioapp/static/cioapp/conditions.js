// The condition builder: adds and removes rows and groups, and shows the controls that an operator
// needs. The server turns the rows into the filter, so that no value passes through a number here.
"use strict";

(() => {
  const ATTRIBUTE = /attribute$/;
  const NO_VALUE = new Set(["exists", "not_exists", "is_timestamp", "is_true", "is_false"]);
  const DATES = new Set(["before", "after"]);
  const DAY = /^(\d{4}-\d{2}-\d{2})?$/;

  class Builder {
    constructor(root) {
      this.root = root;
      this.find = (name) => root.querySelector(`[data-${name}]`);
      this.fields = this.find("builder");
      this.json = this.find("json");
      this.modes = root.querySelectorAll("[data-mode]");
      this.own = this.find("subject").options[0].value;
      this.find("bar").hidden = false;
      this.fields.querySelectorAll("[data-row]").forEach((row) => this.show(row));
      this.fields.querySelectorAll("[data-group]").forEach((group) => this.limit(group));
      this.modes.forEach((button) => button.addEventListener("click", () => this.set(button.dataset.mode)));
      root.addEventListener("change", (event) => this.changed(event.target));
      root.addEventListener("click", (event) => this.clicked(event));
      root.closest("form").addEventListener("submit", () => this.number());
      const menu = root.closest("details");
      if (menu) menu.addEventListener("toggle", () => this.opened(menu));
      this.set(root.dataset.first);
    }

    set(mode) {
      this.modes.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.mode === mode)));
      this.fields.hidden = this.fields.disabled = mode !== "rows";
      this.json.hidden = mode !== "json";
      this.json.querySelector("textarea").disabled = mode !== "json";
    }

    opened(details) {
      if (!details.open || this.fields.disabled) return;
      const row = this.fields.querySelector("[data-row]");
      if (row) row.querySelector("[data-name]").focus();
    }

    changed(control) {
      if (control.matches("[data-join], [data-subject]")) this.limit(control.closest("[data-group]"));
      const row = control.closest("[data-row]");
      if (!row) return;
      if (control.matches("[data-choice]")) row.querySelector("[data-value]").value = control.value;
      if (control.matches("[data-subject]")) this.offer(row);
      if (control.matches("[data-subject], [data-operator]")) this.show(row);
    }

    clicked(event) {
      const button = event.target.closest("button");
      if (!button) return;
      // The row is gone before the page looks whether the click was outside of the menu.
      event.stopPropagation();
      if (button.matches("[data-add-row]")) this.addRow(this.rowsBeside(button));
      else if (button.matches("[data-add-group]")) this.addGroup();
      else if (button.matches("[data-remove]")) this.removeRow(button.closest("[data-row]"));
      else if (button.matches("[data-remove-group]")) this.removeGroup(button.closest("[data-group]"));
    }

    rowsBeside(button) {
      const group = button.closest("[data-group]");
      return group ? group.querySelector("[data-rows]") : this.find("outer");
    }

    blank(name) {
      return this.find(name).content.firstElementChild.cloneNode(true);
    }

    addRow(rows) {
      const row = this.blank("blank-row");
      rows.append(row);
      this.show(row);
      this.limit(row.closest("[data-group]"));
      row.querySelector("[data-name]").focus();
    }

    addGroup() {
      const group = this.blank("blank-group");
      this.find("groups").append(group);
      group.querySelectorAll("[data-row]").forEach((row) => this.show(row));
      group.querySelector("select").focus();
    }

    removeRow(row) {
      const group = row.closest("[data-group]");
      const next = row.nextElementSibling || row.previousElementSibling;
      if (!next && group) {
        this.removeGroup(group);
        return;
      }
      const rows = row.parentElement;
      row.remove();
      this.limit(group);
      if (next) next.querySelector("[data-remove]").focus();
      else this.addRow(rows);
    }

    removeGroup(group) {
      group.remove();
      this.find("add-group").focus();
    }

    // What cannot be asked of one relationship is not offered in a group that is about one; where
    // it is asked, the group cannot become one.
    limit(group) {
      const join = group && group.querySelector("[data-join]");
      const related = join && join.querySelector("[data-related]");
      if (!related) return;
      const outside = [...group.querySelectorAll("[data-outside]")];
      outside.forEach((option) => {
        option.hidden = option.disabled = related.selected && !option.selected;
      });
      related.disabled = !related.selected && outside.some((option) => option.selected);
    }

    // Gives a row the operators of what it is about.
    offer(row) {
      const subject = row.querySelector("[data-subject]").value;
      const operators = this.root.querySelector(`[data-operators="${subject}"]`).content.cloneNode(true);
      row.querySelector("[data-operator]").replaceChildren(operators);
      row.querySelector("[data-value]").value = row.querySelector("[data-to]").value = "";
    }

    show(row) {
      const part = (name) => row.querySelector(`[data-${name}]`);
      const subject = part("subject").value;
      const operator = part("operator").value;
      const isAttribute = ATTRIBUTE.test(subject);
      const value = part("value");
      part("name").hidden = !isAttribute;
      row.classList.toggle("cio-condition-short", !isAttribute);
      if (subject === this.own) part("name").setAttribute("list", "condition-names");
      else part("name").removeAttribute("list");
      this.offerChoice(row, subject);
      part("values").hidden = NO_VALUE.has(operator);
      part("to").hidden = part("to-label").hidden = operator !== "between";
      part("days-label").hidden = operator !== "in_last_days";
      value.type = DATES.has(operator) && DAY.test(value.value) ? "date" : "text";
      value.inputMode = operator === "in_last_days" || subject === "count" ? "numeric" : "text";
      if (operator === "in" || operator === "not_in") value.placeholder = "gold, silver, 25";
    }

    // Puts a choice of types or segments before the field that keeps the number of the chosen one.
    offerChoice(row, subject) {
      const value = row.querySelector("[data-value]");
      const offered = this.root.querySelector(`[data-choices="${subject}"]`);
      let choice = row.querySelector("[data-choice]");
      if (choice && choice.dataset.choice !== subject) {
        choice.remove();
        choice = null;
      }
      if (!offered) {
        value.hidden = false;
        return;
      }
      if (!choice) {
        choice = offered.content.firstElementChild.cloneNode(true);
        value.before(choice);
      }
      choice.value = value.value;
      value.hidden = choice.value === value.value;
      choice.hidden = !value.hidden;
    }

    // Tells every row the number of its group, the outermost rows being 0.
    number() {
      this.fields.querySelectorAll("[data-row]").forEach((row) => {
        const group = row.closest("[data-group]");
        const groups = [...this.find("groups").children];
        row.querySelector("[data-group-number]").value = String(groups.indexOf(group) + 1);
      });
    }
  }

  document.addEventListener("DOMContentLoaded", () =>
    document.querySelectorAll("[data-conditions]").forEach((root) => new Builder(root)));
})();
