"use strict";
/* Small helps; every page works without them.
   1. A barcode scanner types like a very fast keyboard: what it types anywhere opens the page of that number.
   2. A pressed button shows that work is under way and cannot be pressed twice.
   3. A PDF dropped on the verification page is put into its form.
   4. What is typed above a long list of boxes leaves only the lines that have all its words; a package ticks its own;
      the sum of what is ticked stands below.
   5. The box above a column of boxes ticks them all, and a list tells how many are ticked.
   6. What was typed into a form that was refused with a page of its own stands there again after "Back".
   7. A table or plot wider than its window can be scrolled by keys; a plot over time opens at its end, a calendar at
      today, the menu at the page that is open.
   8. Files that are larger than the server takes at once are told when they are chosen, and not sent. */

const PACE = 40;      // ms a key, in the mean, of a scanner; people are slower
const PAUSE = 300;    // ms after which what was typed is over; a busy tablet may hold one key of a scanner this long
const SHORTEST = 6;   // characters

(function scanner() {
  let typed = "", first = 0, last = 0;
  document.addEventListener("keydown", (event) => {
    const now = event.timeStamp;  // when the key was pressed, not when this page came round to it
    const field = event.target.closest("input, textarea, select");
    if (event.ctrlKey || event.altKey || event.metaKey || field) { typed = ""; return; }
    if (now - last > PAUSE) typed = "";
    last = now;
    if (event.key === "Enter") {
      if (typed.length >= SHORTEST && now - first < PACE * typed.length) {
        event.preventDefault();
        location.assign(document.body.dataset.scan + "?code=" + encodeURIComponent(typed));
      }
      typed = "";
    } else if (event.key.length === 1) {
      if (!typed) first = now;
      typed += event.key;
    }
  }, true);
})();

(function busyButtons() {
  const original = new Map();
  document.addEventListener("submit", (event) => {
    const button = event.submitter || event.target.querySelector("button:not([type=button])");
    if (!button || event.target.method === "get") return;
    if (original.has(button)) { event.preventDefault(); return; }
    original.set(button, button.textContent);
    button.setAttribute("aria-disabled", "true");
    if ("slow" in button.dataset) {
      button.classList.add("busy");
      button.textContent = document.body.dataset.busy;
    }
  });
  window.addEventListener("pageshow", () => {  // back button: the page comes from the cache as it was left
    for (const [button, text] of original) {
      button.removeAttribute("aria-disabled");
      button.classList.remove("busy");
      button.textContent = text;
    }
    original.clear();
  });
})();

(function keepsWhatWasTyped() {
  const KEY = "typed";  // of this window only; passwords and files are never kept
  const said = (field) => field.name && field.name !== "csrf_token" && field.name !== "seen"
    && !["hidden", "password", "file", "submit", "button"].includes(field.type);
  const kept = JSON.parse(sessionStorage.getItem(KEY) || "null");
  if (kept && document.querySelector(".error-page")) {
    sessionStorage.setItem(KEY, JSON.stringify({...kept, refused: true}));
  } else if (kept) {
    sessionStorage.removeItem(KEY);
    const form = kept.refused && [...document.forms].find((one) => one.method === "post" && one.action === kept.action);
    if (form) {
      for (const details of document.querySelectorAll("details")) if (details.contains(form)) details.open = true;
      const fields = [...form.elements].filter(said);
      for (const field of fields) {
        const values = kept.fields.filter(([name]) => name === field.name).map(([, value]) => value);
        if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
        else if (field.tagName !== "SELECT" || [...field.options].some((one) => one.value === values[0])) field.value = values[0] || "";
      }
    }
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    const fields = [...form.elements].filter((one) => said(one) && (one.checked || !["checkbox", "radio"].includes(one.type)));
    if (!fields.length) return;
    try {
      sessionStorage.setItem(KEY, JSON.stringify({action: form.action, fields: fields.map((one) => [one.name, one.value])}));
    } catch {
      sessionStorage.removeItem(KEY);  // too long to keep: as without this help
    }
  });
})();

(function filesTooLarge() {
  const ROOM = 64 * 1024;  // bytes, for the other fields of the form
  const {uploadLimit, tooLarge, tooLargeTogether} = document.body.dataset;
  const limit = Number(uploadLimit), megabytes = (bytes) => (bytes / 1048576).toFixed(1);
  const sentence = (files) => {
    const sum = files.reduce((total, one) => total + one.size, 0);
    if (sum + ROOM <= limit) return "";
    const largest = files.reduce((first, second) => (second.size > first.size ? second : first));
    const alone = largest.size + ROOM > limit;
    return (alone ? tooLarge : tooLargeTogether).replace("#file", () => largest.name)
      .replace("#size", megabytes(alone ? largest.size : sum)).replace("#limit", megabytes(limit));
  };
  const told = (form, fields) => {
    const words = sentence(fields.flatMap((field) => [...field.files]));
    const field = fields.find((one) => one.files.length) || fields[0];
    form.querySelector(".too-large")?.remove();
    for (const one of fields) one.setCustomValidity(words && one === field ? words : "");
    if (words) {
      const notice = Object.assign(document.createElement("span"), {className: "error too-large", textContent: words});
      notice.setAttribute("role", "alert");
      field.after(notice);
    }
    return words && field;
  };
  const stop = (event, form) => {
    const fields = form ? [...form.querySelectorAll("input[type=file]")] : [];
    const field = fields.length && told(form, fields);
    if (field) event.stopImmediatePropagation();
    return field;
  };
  document.addEventListener("change", (event) => { if (event.target.type === "file") stop(event, event.target.form); }, true);
  document.addEventListener("submit", (event) => {
    const field = stop(event, event.target);
    if (field) { event.preventDefault(); field.focus(); }
  }, true);
})();

(function tickedRows() {
  for (const form of document.querySelectorAll("form[data-bulk]")) {
    const every = [...form.querySelectorAll("[data-tick-all]")];
    const boxes = [...form.querySelectorAll("input[name=number]")];
    const told = form.querySelector("[data-ticked]");
    const words = told.textContent;
    const tell = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      for (const all of every) {
        all.checked = ticked === boxes.length;
        all.indeterminate = ticked > 0 && ticked < boxes.length;
      }
      told.textContent = words + " " + ticked;
    };
    form.addEventListener("change", (event) => {
      if (every.includes(event.target)) for (const box of boxes) box.checked = event.target.checked;
      tell();
    });
    tell();
  }
})();

(function dropZone() {
  const zone = document.getElementById("drop");
  if (!zone) return;
  const over = (on) => (event) => { event.preventDefault(); zone.classList.toggle("over", on); };
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => {
    over(false)(event);
    if (!event.dataTransfer.files.length) return;
    zone.querySelector("input[type=file]").files = event.dataTransfer.files;
    zone.requestSubmit();
  });
})();

(function filterChoices() {
  for (const field of document.querySelectorAll("input[data-filter]")) {
    const list = document.getElementById(field.dataset.filter);
    field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of list.querySelectorAll("[data-words]")) {
        const text = row.dataset.words.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
      for (const group of list.querySelectorAll("[data-group]")) {
        group.hidden = !group.querySelector("[data-words]:not([hidden])");
      }
    });
  }
})();

(function packagesAndSum() {
  for (const button of document.querySelectorAll("button[data-ticks]")) {
    button.addEventListener("click", () => {
      const codes = button.dataset.ticks.split(" ");
      const left = codes.filter((code) => document.getElementById("test-" + code)?.disabled !== false).length;
      const told = button.parentElement.querySelector("[data-left]");
      told.textContent = left ? told.dataset.left.replace("#", left) : "";
      for (const code of codes) {
        const box = document.getElementById("test-" + code);
        if (box && !box.disabled) { box.checked = true; box.dispatchEvent(new Event("change", {bubbles: true})); }
      }
    });
  }
  for (const line of document.querySelectorAll("[data-total]")) {
    const list = document.getElementById(line.dataset.total);
    const show = () => {
      const ticked = [...list.querySelectorAll("input:checked")];
      const fen = ticked.reduce((sum, box) => sum + Number(box.dataset.fen), 0);
      const unpriced = ticked.some((box) => box.dataset.fen === "");
      line.querySelector("output").textContent = "¥" + (fen / 100).toLocaleString("en", {minimumFractionDigits: 2})
        + (unpriced ? line.dataset.unpriced : "");
    };
    list.addEventListener("change", show);
    show();
  }
})();

(function scrolledPlaces() {
  const scrolls = (box) => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
  for (const box of document.querySelectorAll(".scroll")) {
    if (scrolls(box) && !box.querySelector("a, button, input, select")) box.tabIndex = 0;
    if ("end" in box.dataset) box.scrollLeft = box.scrollWidth;
    const now = box.querySelector("th.now");
    if (now) box.scrollLeft = now.offsetLeft + now.offsetWidth - box.clientWidth;
  }
  const menu = document.querySelector(".side-in");
  const current = menu && menu.querySelector("[aria-current]");
  if (current && current.offsetTop + current.offsetHeight > menu.clientHeight) {
    menu.scrollTop = current.offsetTop + current.offsetHeight - menu.clientHeight / 2;
  }
})();
