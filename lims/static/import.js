"use strict";
/* The page "Import a file": a chosen or dropped file is looked at at once, with progress; a change asks to look again.
   Without this script the page works all the same, with the file chosen once more for each step. */
(function importFile() {
  const form = document.getElementById("import");
  if (!form) return;
  const file = form.querySelector("input[type=file]");
  const preview = document.getElementById("preview");
  const progress = document.getElementById("sending");
  const drop = document.getElementById("import-drop");
  let busy = false;

  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.id === "keep") return;
    event.preventDefault();
    event.stopPropagation();
    look();
  });
  file.addEventListener("change", fresh);
  preview.addEventListener("input", changed);
  preview.addEventListener("change", changed);
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    file.files = event.dataTransfer.files;
    file.dispatchEvent(new Event("change", { bubbles: true }));
  });

  function fresh() {  // what was stated of another file is not stated of this one
    preview.replaceChildren();
    if (file.files.length) look();
  }

  function changed() {
    const keep = document.getElementById("keep");
    if (!keep || busy) return;
    keep.disabled = true;
    document.getElementById("why-not").textContent = form.dataset.changed;
  }

  function look() {
    if (busy || !form.reportValidity()) return;
    busy = true;
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress.value = event.loaded / event.total;
      if (event.loaded === event.total) progress.removeAttribute("value");  // sent; now it is being read
    });
    request.addEventListener("loadend", () => { busy = false; progress.hidden = true; buttons(false); });
    request.addEventListener("error", () => told(form.dataset.failed));
    request.addEventListener("load", () => show(request.responseText));
    progress.value = 0;
    progress.hidden = false;
    buttons(true);
    request.send(new FormData(form));
  }

  function show(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const found = page.getElementById("preview");
    if (!found) { told((page.querySelector(".sentence") || { textContent: form.dataset.failed }).textContent); return; }
    preview.replaceChildren(...found.childNodes);
    const plot = document.getElementById("series");
    if (plot) window.heliobenchSeries(plot);
  }

  function told(sentence) {
    preview.querySelectorAll(".told").forEach((one) => one.remove());
    const notice = document.createElement("div");
    notice.className = "notice stop told";
    notice.setAttribute("role", "alert");
    notice.append(Object.assign(document.createElement("p"), { textContent: sentence }));
    preview.prepend(notice);
  }

  function buttons(disabled) {
    form.querySelectorAll("#look, [data-look]").forEach((one) => { one.disabled = disabled; });
  }

  if (file.files.length) fresh();  // chosen before this script was there
})();
