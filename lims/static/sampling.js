// A sampling record on a tablet: what is filled in is kept as fields are left, and the company signs with a finger.
"use strict";
(() => {
  const form = document.querySelector("form[data-keeps]");
  if (form) {
    const told = document.getElementById("kept");
    const keep = async () => {
      told.textContent = form.dataset.keeping;
      const body = new FormData(form);
      body.delete("form");  // what is typed, changed and typed as before is no form sent twice
      try {
        const answer = await fetch(`${form.action}?quiet=1`, { method: "POST", body });
        told.textContent = answer.status === 204 ? form.dataset.kept : await answer.text();
        told.className = answer.status === 204 ? "hint" : "error";
      } catch {
        told.textContent = form.dataset.lost;
        told.className = "error";
      }
    };
    let last = Promise.resolve();
    form.addEventListener("change", () => { last = last.then(keep); });
    const known = document.getElementById("company_id");
    const fresh = () => {  // a known company brings its own; what is empty here is not asked for
      for (const name of ["company_name", "credit_code", "company_address", "company_contact", "company_telephone"]) {
        const field = document.getElementById(name);
        field.closest(".field").hidden = known.value !== "" && field.value === "";
      }
    };
    known.addEventListener("change", fresh);
    fresh();
  }
  const pad = document.querySelector("canvas[data-signature]");
  if (!pad) return;
  const pen = pad.getContext("2d");
  const field = document.getElementById(pad.dataset.signature);
  const place = (event) => {
    const box = pad.getBoundingClientRect();
    return [(event.clientX - box.left) * pad.width / box.width, (event.clientY - box.top) * pad.height / box.height];
  };
  const blank = () => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, pad.width, pad.height);
  };
  blank();
  pen.lineWidth = 4;
  pen.lineCap = pen.lineJoin = "round";
  let drawing = false;
  pad.addEventListener("pointerdown", (event) => {
    drawing = true;
    pad.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
  });
  pad.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    pen.lineTo(...place(event));
    pen.stroke();
  });
  pad.addEventListener("pointerup", () => {
    if (!drawing) return;
    drawing = false;
    field.value = pad.toDataURL("image/png");
    const drawn = pad.form || pad.closest("form");
    const choice = drawn.querySelector("input[name=how][value=drawn]");
    if (choice) choice.checked = true;
  });
  document.getElementById("wipe").addEventListener("click", () => {
    blank();
    field.value = "";
  });
})();
