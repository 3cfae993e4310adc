"use strict";
/* A bench as it stands: its piece of the page is fetched every two seconds, its curves every five. When an answer stays
   away, the page says so at once and marks what it shows as old. Sound, after a press: a tone when the state changes. */
(function live() {
  const panel = document.getElementById("live");
  if (!panel) return;
  const now = document.getElementById("live-now"), away = document.getElementById("live-away");
  const told = document.getElementById("live-told"), title = document.title;
  const EVERY = 2000, CURVES = 5000, PATIENCE = 6000;
  let state = null, sound = null;

  async function ask(url) {
    const answer = await fetch(url, { credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.redirected || !answer.ok) throw new Error(answer.redirected ? "signed out" : String(answer.status));
    return answer;
  }

  async function look() {
    try {
      const text = await (await ask(panel.dataset.url)).text();
      now.innerHTML = text;  // our own page's piece, escaped by the template
      away.hidden = true;
    } catch (error) {
      away.textContent = error.message === "signed out" ? panel.dataset.signedOut : panel.dataset.away;
      away.hidden = false;
      now.querySelectorAll(".values, .lights").forEach((one) => one.classList.add("old"));
    }
    tell();
    setTimeout(look, EVERY);
  }

  function tell() {
    const piece = now.querySelector("[data-state]");
    const found = away.hidden ? piece.dataset.state : "away";
    const words = away.hidden ? piece.dataset.title : away.textContent;
    document.title = (found === "live" || found === "holds" ? "● " : found === "idle" ? "" : "▲ ") + words + " · " + title;
    if (state !== null && state !== found) {
      told.textContent = words;
      if (sound) tone(found === "holds" || found === "live" ? [660, 880] : [440, 330]);
    }
    state = found;
  }

  function tone(notes) {
    notes.forEach((hertz, i) => {
      const at = sound.currentTime + 0.18 * i, voice = sound.createOscillator(), loud = sound.createGain();
      voice.frequency.value = hertz;
      loud.gain.setValueAtTime(0.0001, at);
      loud.gain.exponentialRampToValueAtTime(0.2, at + 0.02);
      loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.17);
      voice.connect(loud).connect(sound.destination);
      voice.start(at);
      voice.stop(at + 0.18);
    });
  }

  const button = document.getElementById("sound");
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    if (on) { sound = new AudioContext(); tone([660, 880]); } else { sound.close(); sound = null; }
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? button.dataset.on : button.dataset.off;
  });

  tell();
  setTimeout(look, EVERY);
  curves(document.getElementById("curves"));

  function curves(place) {
    if (!place) return;
    const plots = new Map(), row = document.createElement("div"), note = document.createElement("p");
    let hours = 1, timer = 0;
    row.className = "days";
    row.setAttribute("role", "group");
    note.className = "hint";
    for (const n of [1, 6, 24]) {
      const one = document.createElement("button");
      one.type = "button";
      one.className = "small-button";
      one.textContent = place.dataset.hours.replace("#", n);
      one.setAttribute("aria-pressed", String(n === hours));
      one.addEventListener("click", () => {
        hours = n;
        row.querySelectorAll("button").forEach((each) => each.setAttribute("aria-pressed", String(each === one)));
        draw();
      });
      row.append(one);
    }
    place.append(row, note);
    new ResizeObserver(() => {
      for (const plot of plots.values()) plot.setSize({ width: Plots.width(place), height: plot.height });
    }).observe(place);
    draw();

    async function draw() {
      clearTimeout(timer);
      try {
        const data = await (await ask(place.dataset.url + "?hours=" + hours)).json();
        note.textContent = !data.time.length ? place.dataset.none : data.step > 1 ? place.dataset.step.replace("#", data.step) : "";
        if (data.time.length) show(data);
      } catch { /* the panel above says that nothing comes; the curves stay as they were */ }
      timer = setTimeout(draw, CURVES);
    }

    function show(data) {
      const time = Plots.withBreaks(data.time);
      for (const unit of new Set(data.series.map((one) => one.unit))) {
        const members = data.series.filter((one) => one.unit === unit), known = plots.get(unit);
        if (known) known.setData(Plots.data(time, members));
        else plots.set(unit, Plots.of(place, members, time, { zone: place.dataset.zone, sync: "live", label: place.dataset.time, height: 170, bands: JSON.parse(place.dataset.marks) }));
      }
    }
  }
})();
