"use strict";
/* Keys of a page: whatever says data-key="x" is opened, pressed or focused by x; j and k go through the rows of tables.
   They are shown on the page and can be switched off there (WCAG 2.1.4); none works while something is typed, and none
   by a barcode scanner, whose next key comes faster than any person's. */

(function keys() {
  const SWITCH = document.querySelector("[data-keys]");
  if (!SWITCH) return;
  const STORE = "keys-off", PAUSE = 60;  // ms without another key
  let waiting = 0;

  const isOff = () => localStorage.getItem(STORE) === "1";
  const show = () => {
    SWITCH.setAttribute("aria-pressed", String(!isOff()));
    SWITCH.textContent = isOff() ? SWITCH.dataset.off : SWITCH.dataset.on;
  };
  SWITCH.addEventListener("click", () => {
    if (isOff()) localStorage.removeItem(STORE); else localStorage.setItem(STORE, "1");
    show();
  });
  SWITCH.hidden = false;
  show();

  function step(by) {
    const rows = [...document.querySelectorAll("main td a.row")];
    if (!rows.length) return;
    const here = rows.indexOf(document.activeElement);
    const next = here < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + by, 0), rows.length - 1);
    rows[next].focus();
    rows[next].scrollIntoView({ block: "nearest" });
  }

  function press(key) {
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!target) {
      if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
      return;
    }
    if (target.tagName === "SUMMARY") {
      const sheet = target.parentElement;
      sheet.open = true;
      sheet.querySelector("input:not([type=hidden]), textarea")?.focus();
    } else target.click();
  }

  document.addEventListener("keydown", (event) => {
    clearTimeout(waiting);
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "Escape" && typing) { typing.blur(); return; }
    if (isOff() || typing || event.ctrlKey || event.altKey || event.metaKey || event.key.length !== 1) return;
    waiting = setTimeout(press, PAUSE, event.key.toLowerCase());
  });
})();
