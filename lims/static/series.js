"use strict";
/* A run over time: one plot for each unit, all with the same cursor; a click opens the scan's bytes. */
(async function series() {
  const place = document.getElementById("series");
  if (!place) return;
  const answer = await fetch(place.dataset.url, { credentials: "same-origin" });
  if (!answer.ok) { place.textContent = place.dataset.empty; return; }
  const data = await answer.json();
  place.textContent = "";
  const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7a5c00", "#17212b"];
  const first = Number(place.dataset.first);
  const units = [...new Set(data.series.map((one) => one.unit))];
  const sync = uPlot.sync("run");
  const width = () => place.clientWidth - 32;
  const plots = units.map((unit) => {
    const members = data.series.filter((one) => one.unit === unit);
    const time = gaps(data.time);
    const plot = new uPlot({
      width: width(), height: units.length > 2 ? 210 : 280,
      cursor: { sync: { key: sync.key }, drag: { x: true, y: false } },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), place.dataset.zone),
      scales: { x: { time: true } },
      axes: [
        { stroke: "#4a5864", grid: { stroke: "#e7ebee" }, ticks: { stroke: "#d3dae0" },
          values: "{YYYY}-{MM}-{DD} {HH}:{mm}", space: 150 },
        { stroke: "#4a5864", grid: { stroke: "#e7ebee" }, ticks: { stroke: "#d3dae0" }, label: pretty(unit), size: 64 },
      ],
      series: [
        { value: "{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}" },
        ...members.map((one, i) => ({ label: one.symbol, stroke: colours[i % colours.length], width: 1.4,
          spanGaps: false, value: (_, v) => v == null ? "–" : Number(v.toPrecision(6)) + " " + pretty(unit) })),
      ],
    }, [time.time, ...members.map((one) => time.spread(one.values))], place);
    plot.over.addEventListener("click", () => {
      const at = time.index[plot.cursor.idx];
      if (at != null && plot.select.width < 2) location.assign(place.dataset.scan.replace(/0$/, String(first + at)));
    });
    return plot;
  });
  window.addEventListener("resize", () => plots.forEach((plot) => plot.setSize({ width: width(), height: plot.height })));

  function pretty(unit) { return unit.replace("degC", "°C").replace(/([a-z])([23])/g, (_, l, d) => l + (d === "2" ? "²" : "³")); }

  // A pause in the record (a night) is a break in the line, not a straight stroke across it.
  function gaps(time) {
    const steps = time.slice(1).map((t, i) => t - time[i]).sort((a, b) => a - b);
    const usual = steps[Math.floor(steps.length / 2)] || 60;
    const out = [], index = [];
    time.forEach((t, i) => {
      if (i && t - time[i - 1] > 3 * usual) { out.push(time[i - 1] + usual); index.push(null); }
      out.push(t); index.push(i);
    });
    return { time: out, index, spread: (values) => index.map((i) => i == null ? null : values[i]) };
  }
})();
