"use strict";
/* A run over time: one plot for each unit, all with the same cursor, one day at a time or all of them.
   A click opens the scan under the cursor with its bytes. The data come from an address, or stand in the page. */
window.heliobenchSeries = async function series(place) {
  const data = place.dataset.inline ? JSON.parse(place.dataset.inline) : await fetched();
  if (!data) { place.textContent = place.dataset.empty; return; }
  place.textContent = "";

  const zone = place.dataset.zone, first = Number(place.dataset.first);
  const time = Plots.withBreaks(data.time);
  const days = byDay(data.time);
  const range = { min: data.time[0], max: data.time[data.time.length - 1] };
  const sync = uPlot.sync("run");

  const bar = days.size > 1 ? dayButtons() : null;
  const plots = [...new Set(data.series.map((one) => one.unit))].map(plotOf);
  if (bar) bar.querySelector("button").click();
  new ResizeObserver(() => plots.forEach((plot) => plot.setSize({ width: Plots.width(place), height: plot.height }))).observe(place);

  async function fetched() {
    const answer = await fetch(place.dataset.url, { credentials: "same-origin" });
    return answer.ok ? answer.json() : null;
  }

  function plotOf(unit) {
    const members = data.series.filter((one) => one.unit === unit);
    const plot = Plots.of(place, members, time, { zone, sync: sync.key, label: place.dataset.time, bands: JSON.parse(place.dataset.marks || "[]") });
    plot.over.addEventListener("click", () => {
      const scan = time.index[plot.cursor.idx];
      if (scan != null && place.dataset.scan && plot.select.width < 2) location.assign(place.dataset.scan.replace(/0$/, String(first + scan)));
    });
    return plot;
  }

  function dayButtons() {
    const row = document.createElement("div");
    row.className = "days";
    row.setAttribute("role", "group");
    const add = (text, from, to) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "small-button";
      button.textContent = text;
      button.addEventListener("click", () => {
        row.querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
        plots.forEach((plot) => plot.setScale("x", { min: from, max: to }));
      });
      row.append(button);
    };
    for (const [day, [from, to]] of days) add(day, from, to);
    add(place.dataset.all, range.min, range.max);
    place.append(row);
    return row;
  }

  function byDay(times) {
    const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone });
    const found = new Map();
    for (const t of times) {
      const day = format.format(new Date(t * 1e3));
      const known = found.get(day);
      if (known) known[1] = t; else found.set(day, [t, t]);
    }
    return found;
  }
};

(function whole() {
  const place = document.getElementById("series");
  if (place) window.heliobenchSeries(place);
})();
