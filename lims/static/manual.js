"use strict";
/* The record of a manual test saves itself: what is written is kept when its field is left, so that a closed tablet
   loses nothing. Without this script the button at the end keeps everything. */

(function savesItself() {
  const form = document.querySelector("form[data-save]");
  if (!form) return;
  const told = document.getElementById("saved");
  const reason = document.getElementById("reason");
  const say = (text, wrong) => { told.textContent = text; told.classList.toggle("stop", wrong); };
  const save = async (field) => {
    const body = new FormData();
    body.append("csrf_token", form.elements.csrf_token.value);
    body.append("reason", reason.value);
    body.append(field.name, field.type === "file" ? field.files[0] : field.value);
    const answer = await fetch(form.action, {method: "POST", body, headers: {"X-Heliobench": "save"}});
    if (answer.ok) {
      say("✓ " + form.dataset.save + " " + new Date().toLocaleTimeString(), false);
      field.closest(".entry, .field").classList.add("done");
      reason.value = "";
    } else {
      say(answer.headers.get("Content-Type").startsWith("text/plain") ? await answer.text() : answer.statusText, true);
      field.closest(".entry, .field").classList.remove("done");
      if (answer.status === 409 && !reason.value) reason.focus();
    }
  };
  form.addEventListener("change", (event) => {
    const field = event.target;
    if (field === reason || !(field.name || "").match(/^[ef]:/)) return;
    if (field.type === "file" && !field.files.length) return;
    if (!field.value && field.closest(".entry") && field.closest(".entry").querySelector("[name^='blind:']")) return;
    save(field).catch(() => say(navigator.onLine ? "✕" : "✕ offline", true));
  });
  form.addEventListener("click", (event) => {
    const id = event.target.dataset.now;
    if (!id) return;
    const field = document.getElementById(id), now = new Date(), offset = -now.getTimezoneOffset();
    const two = (number) => String(Math.floor(Math.abs(number))).padStart(2, "0");
    const local = new Date(now.getTime() + offset * 60000).toISOString().slice(0, 19);
    field.value = local + (offset < 0 ? "-" : "+") + two(offset / 60) + ":" + two(offset % 60);
    field.dispatchEvent(new Event("change", {bubbles: true}));
  });
})();
