"use strict";
/* A run over time: one plot for each unit, all with the same cursor, one day at a time or all of them.
   A click opens the scan under the cursor with its bytes. */
(async function series() {
  const place = document.getElementById("series");
  if (!place) return;
  const answer = await fetch(place.dataset.url, { credentials: "same-origin" });
  if (!answer.ok) { place.textContent = place.dataset.empty; return; }
  const data = await answer.json();
  place.textContent = "";

  const zone = place.dataset.zone, first = Number(place.dataset.first);
  const name = document.documentElement.lang.startsWith("zh") ? "name_zh" : "name_en";
  const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7a5c00", "#17212b"];
  const time = withBreaks(data.time);
  const days = byDay(data.time);
  const range = { min: data.time[0], max: data.time[data.time.length - 1] };
  const width = () => place.clientWidth - 4;
  const sync = uPlot.sync("run");

  const bar = days.size > 1 ? dayButtons() : null;
  const plots = [...new Set(data.series.map((one) => one.unit))].map(plotOf);
  if (bar) bar.querySelector("button").click();
  new ResizeObserver(() => plots.forEach((plot) => plot.setSize({ width: width(), height: plot.height }))).observe(place);

  function plotOf(unit) {
    const members = data.series.filter((one) => one.unit === unit);
    const plot = new uPlot({
      width: width(), height: 220,
      cursor: { sync: { key: sync.key }, drag: { x: true, y: false } },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), zone),
      axes: [
        { stroke: "#4a5864", grid: { stroke: "#e7ebee" }, ticks: { stroke: "#d3dae0" }, space: 90,
          values: [[86400, "{MM}-{DD}", null, null, null, null, null, null, 1],
                   [1, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{YYYY}-{MM}-{DD}", null, null, null, 1]] },
        { stroke: "#4a5864", grid: { stroke: "#e7ebee" }, ticks: { stroke: "#d3dae0" }, label: pretty(unit), size: 68 },
      ],
      series: [
        { label: place.dataset.time, value: "{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}" },
        ...members.map((one, i) => ({ label: one[name], stroke: colours[i % colours.length], width: 1.5,
          spanGaps: false, points: { show: false },
          value: (_, v) => v == null ? "–" : Number(v.toPrecision(5)) + " " + pretty(unit) })),
      ],
    }, [time.at, ...members.map((one) => time.spread(one.values))], place);
    plot.over.addEventListener("click", () => {
      const scan = time.index[plot.cursor.idx];
      if (scan != null && plot.select.width < 2) location.assign(place.dataset.scan.replace(/0$/, String(first + scan)));
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

  function pretty(unit) {
    return unit.replace("degC", "°C").replace(/([a-z])([23])/g, (_, letter, power) => letter + (power === "2" ? "²" : "³"));
  }

  // A pause in the record (a night) is a break in the line, not a straight stroke across it.
  function withBreaks(times) {
    const steps = times.slice(1).map((t, i) => t - times[i]).sort((a, b) => a - b);
    const usual = steps[Math.floor(steps.length / 2)] || 60;
    const at = [], index = [];
    times.forEach((t, i) => {
      if (i && t - times[i - 1] > 3 * usual) { at.push(times[i - 1] + usual); index.push(null); }
      at.push(t); index.push(i);
    });
    return { at, index, spread: (values) => index.map((i) => i == null ? null : values[i]) };
  }
})();
