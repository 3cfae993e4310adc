"use strict";
/* What the curves of a sealed run and of a running one have in common: axes, colours, breaks, units. */
const Plots = (() => {
  const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7a5c00", "#17212b"];
  const name = document.documentElement.lang.startsWith("zh") ? "name_zh" : "name_en";
  const width = (place) => Math.max(place.clientWidth - 4, 200);

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

  const data = (time, members) => [time.at, ...members.map((one) => time.spread(one.values))];

  // The quantities of one unit in one plot; the plots of one place share their cursor.
  function of(place, members, time, { zone, sync, label, height = 220, bands = [] }) {
    const unit = members[0].unit;
    return new uPlot({
      width: width(place), height,
      cursor: { sync: { key: sync }, drag: { x: true, y: false } },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), zone),
      axes: [
        { stroke: "#4a5864", grid: { stroke: "#e7ebee" }, ticks: { stroke: "#d3dae0" }, space: 90,
          values: [[86400, "{MM}-{DD}", null, null, null, null, null, null, 1],
                   [60, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{YYYY}-{MM}-{DD}", null, null, null, 1],
                   [1, "{HH}:{mm}:{ss}", "\n{YYYY}-{MM}-{DD}", null, "\n{YYYY}-{MM}-{DD}", null, null, null, 1]] },
        { stroke: "#4a5864", grid: { stroke: "#e7ebee" }, ticks: { stroke: "#d3dae0" }, label: pretty(unit), size: 68 },
      ],
      series: [
        { label, value: "{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}" },
        ...members.map((one, i) => ({ label: one[name], stroke: colours[i % colours.length], width: 1.5,
          spanGaps: false, points: { show: false },
          value: (_, v) => v == null ? "–" : Number(v.toPrecision(5)) + " " + pretty(unit) })),
      ],
      hooks: { drawClear: [(plot) => shade(plot, bands)] },
    }, data(time, members), place);
  }

  // Marked stretches of time lie behind the curves.
  function shade(plot, bands) {
    for (const one of bands) {
      const from = plot.valToPos(one.from, "x", true), to = plot.valToPos(one.to, "x", true);
      plot.ctx.fillStyle = one.excluded ? "rgba(163, 39, 31, .14)" : "rgba(11, 93, 126, .14)";
      plot.ctx.fillRect(from, plot.bbox.top, Math.max(to - from, 3), plot.bbox.height);
    }
  }

  return { of, data, withBreaks, width };
})();
