"use strict";
// The plots: one curve each over the whole drive, with a cursor at the present moment. Clicking jumps there.

const plots = [];

function makeSeries() {
  const n = drive.times.length;
  const ego = drive.actors[drive.ego];
  const of = (get) => Array.from({ length: n }, (_, i) => get(i));
  const egoAt = (i, field, unit) => {
    const k = ego ? i - ego.first : -1;
    return k >= 0 && k < ego.f.length && ego.f[k] & 1 && ego[field][k] !== -32768 ? ego[field][k] / unit : NaN;
  };
  const narrow = (values) => of((i) => (values[i] === -32768 ? NaN : values[i] / 100));
  const speed = of((i) => egoAt(i, "v", 100) * 3.6);
  const accel = of((i) => egoAt(i, "a", 100));
  // Over 0.3 s: a difference of two rounded neighbours would be noise.
  const jerk = of((i) => {
    const a = Math.max(0, i - 1);
    const b = Math.min(n - 1, i + 2);
    const span = (drive.times[b] - drive.times[a]) / 1000;
    return span > 0 ? (accel[b] - accel[a]) / span : NaN;
  });
  return [
    { key: "speed", unit: "km/h", values: speed, floor: 0, least: 10, digits: 0 },
    { key: "accel", unit: "m/s²", values: accel, least: 2, zero: true, digits: 1 },
    { key: "jerk", unit: "m/s³", values: jerk, least: 2, zero: true, digits: 1 },
    { key: "gap", unit: "m", values: narrow(drive.series.gap), floor: 0, least: 10, digits: 1 },
    { key: "ttc", unit: "s", values: narrow(drive.series.ttc), floor: 0, least: 4, ceiling: 10, digits: 1 },
    { key: "offset", unit: "m", values: narrow(drive.series.offset), least: 1, zero: true, digits: 2 },
  ];
}

function bounds(plot) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of plot.values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return null;
  if (plot.floor !== undefined) low = plot.floor;
  if (plot.zero) {
    high = Math.max(high, -low, plot.least / 2);
    low = -high;
  }
  if (plot.ceiling !== undefined) high = Math.min(high, plot.ceiling);
  if (high - low < plot.least) high = low + plot.least;
  return [low, high];
}

function makePlots(container, jump) {
  for (const plot of makeSeries()) {
    const range = bounds(plot);
    if (!range) continue;
    const block = document.createElement("div");
    block.className = "chart";
    const head = document.createElement("div");
    const label = document.createElement("span");
    const value = document.createElement("b");
    head.append(label, value);
    const canvas = document.createElement("canvas");
    block.append(head, canvas);
    container.append(block);
    const item = { ...plot, range, label, value, canvas, still: document.createElement("canvas") };
    const seek = (event) => {
      const size = canvas.getBoundingClientRect();
      jump(Math.min(1, Math.max(0, (event.clientX - size.left) / size.width)) * drive.duration);
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      seek(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.buttons & 1) seek(event);
    });
    plots.push(item);
  }
}

const AXIS = 15; // CSS pixels below the curve for the time

// s between two labels of the time axis, so that they stand well apart.
function timeStep(width) {
  const least = drive.duration * 64 / Math.max(width, 1);
  return [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600].find((step) => step >= least) || 7200;
}

// What does not move, drawn once for a size.
function drawStill(plot) {
  const size = plot.canvas.getBoundingClientRect();
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  for (const canvas of [plot.canvas, plot.still]) {
    canvas.width = Math.max(1, Math.round(size.width * ratio));
    canvas.height = Math.max(1, Math.round(size.height * ratio));
  }
  const style = getComputedStyle(document.documentElement);
  const pen = plot.still.getContext("2d");
  const { width, height } = size;
  const [low, high] = plot.range;
  const y = (value) => 4 + (height - AXIS - 8) * (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low));
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.strokeStyle = style.getPropertyValue("--line");
  pen.fillStyle = style.getPropertyValue("--soft");
  pen.font = "11px system-ui, sans-serif";
  pen.lineWidth = 1;
  const middle = plot.zero ? 0 : (low + high) / 2;
  for (const value of [low, middle, high]) {
    pen.beginPath();
    pen.moveTo(0, Math.round(y(value)) + 0.5);
    pen.lineTo(width, Math.round(y(value)) + 0.5);
    pen.stroke();
  }
  const step = timeStep(width);
  pen.textBaseline = "bottom";
  for (let k = 0; k * step <= drive.duration; k++) {
    const x = drive.duration > 0 ? k * step / drive.duration * width : 0;
    pen.beginPath();
    pen.moveTo(Math.round(x) + 0.5, 4);
    pen.lineTo(Math.round(x) + 0.5, height - AXIS);
    pen.stroke();
    const text = `${+(k * step).toFixed(1)} s`;
    const wide = pen.measureText(text).width;
    pen.fillText(text, Math.min(Math.max(x - wide / 2, 0), width - wide), height - 1);
  }
  pen.lineWidth = 1.8;
  pen.lineJoin = "round";
  pen.strokeStyle = style.getPropertyValue("--accent");
  pen.beginPath();
  let drawing = false;
  plot.values.forEach((value, i) => {
    if (!Number.isFinite(value) || value > high) {
      drawing = false;
      return;
    }
    const x = drive.duration > 0 ? drive.times[i] / 1000 / drive.duration * width : 0;
    if (drawing) pen.lineTo(x, y(value));
    else pen.moveTo(x, y(value));
    drawing = true;
  });
  pen.stroke();
  for (const [value, baseline] of [[high, "top"], [low, "bottom"]]) {
    pen.textBaseline = baseline;
    pen.fillText(value.toFixed(high - low < 5 ? 1 : 0), 3, baseline === "top" ? y(value) + 2 : y(value) - 1);
  }
}

function resizePlots() {
  plots.forEach(drawStill);
}

function drawPlots(time) {
  const style = getComputedStyle(document.documentElement);
  const color = style.getPropertyValue("--ink");
  const tick = drive.tick(time);
  for (const plot of plots) {
    const pen = plot.canvas.getContext("2d");
    const { width, height } = plot.canvas;
    pen.clearRect(0, 0, width, height);
    pen.drawImage(plot.still, 0, 0);
    const x = drive.duration > 0 ? time / drive.duration * width : 0;
    pen.fillStyle = color;
    pen.fillRect(Math.min(width - 2, Math.max(0, x - 1)), 0, 2, height);
    const value = plot.values[tick];
    plot.value.textContent = Number.isFinite(value) ? `${value.toFixed(plot.digits)} ${plot.unit}` : "–";
  }
}
