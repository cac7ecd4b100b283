// Keys for lists of leads, and parts of pages that change as they are looked at. Nothing is done here that a link or a form of the page does not do as well.
(() => {
  "use strict";
  document.documentElement.classList.add("scripted");

  const rows = () => Array.from(document.querySelectorAll(".leads > .lead"));
  const current = () => document.activeElement?.closest?.(".leads > .lead");

  const move = (by) => {
    const all = rows();
    const at = all.indexOf(current());
    const next = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };

  const submit = (key) => current()?.querySelector(`form[data-key="${key}"]`)?.requestSubmit();

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    s: () => submit("s"),
    d: () => submit("d"),
    Enter: (event) => {
      const row = current();
      if (!row || event.target !== row) return false;
      location.assign(row.dataset.href);
    },
    "?": () => document.getElementById("keys")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, select, textarea, dialog")) return;
    const act = keys[event.key];
    if (!act || (event.key !== "Enter" && !document.querySelector(".leads, #keys"))) return;
    if (act(event) !== false) event.preventDefault();
  });

  // Parts of a page that the server tells of as they change.
  for (const part of document.querySelectorAll("[data-events]")) {
    const source = new EventSource(part.dataset.events);
    const show = (event) => { part.innerHTML = event.data; };
    source.addEventListener("part", show);
    source.addEventListener("ended", (event) => { show(event); source.close(); location.reload(); });
  }

  // What a slider stands at.
  for (const slider of document.querySelectorAll("input[data-shown]")) {
    const shown = document.createElement("output");
    slider.before(shown);
    const show = () => { shown.value = slider.value; };
    slider.addEventListener("input", show);
    show();
  }

  // Texts that are taken elsewhere.
  for (const button of document.querySelectorAll("[data-copies]")) {
    button.addEventListener("click", async () => {
      const text = document.querySelector(button.dataset.copies);
      text.select();
      const copied = await navigator.clipboard?.writeText(text.value).then(() => true, () => false);
      button.textContent = copied ? "Copied" : "It is selected: copy it";
    });
  }

  // A row that was replaced by its changed self stays the one that keys act on.
  let replaced = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    replaced = event.detail.target?.matches?.(".lead") ? rows().indexOf(event.detail.target) : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (replaced !== null && replaced >= 0) rows()[replaced]?.focus({ preventScroll: true });
    replaced = null;
  });
})();
