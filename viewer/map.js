"use strict";
// The view from above: the map as prepared paths, the actors, plan, cause and contacts of one moment.

const view = {
  canvas: document.getElementById("map"),
  scale: 6, // CSS pixels in a metre
  x: 0,
  y: 0,
  angle: Math.PI / 2, // the map direction that points up
  follow: true,
  headingUp: true,
  width: 1,
  height: 1,
  ratio: 1,
};
const ink = view.canvas.getContext("2d");

const GREEN = 0, SIDEWALK = 1, RAIL = 2, SHOULDER = 3, PARKING = 4, BIKING = 5, ROAD = 6, CROSSWALK = 7, LINE = 8, STOP = 9;
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const palettes = {
  dark: {
    land: "#20282a",
    surfaces: ["#2b3b30", "#565d63", "#3a3430", "#353b40", "#3a4650", "#5b4138", "#41484e", "#41484e"],
    marks: ["#e6eaed", "#e6eaed", "#f2c230", "#4c8dff", "#51cf66", "#f03e3e", "#f5803e", "#9775fa", "#101315"],
    faint: "#626a71", building: "#4b525b", tree: "#3f6b46", thing: "#8d969e", edge: "rgba(0,0,0,.4)", shadow: "rgba(0,0,0,.28)",
  },
  light: {
    land: "#e6ebe4",
    surfaces: ["#c9dcc4", "#c3c8cc", "#b9aea6", "#a3a9ae", "#98a5b0", "#c08f80", "#878f96", "#878f96"],
    marks: ["#ffffff", "#ffffff", "#ffd43b", "#1c6fe0", "#2b8a3e", "#d6293e", "#e8590c", "#7048e8", "#101315"],
    faint: "#a9b0b6", building: "#b4bcc6", tree: "#8fb78f", thing: "#6b737a", edge: "rgba(0,0,0,.25)", shadow: "rgba(0,0,0,.18)",
  },
};
let palette = palettes[dark.matches ? "dark" : "light"];

// ---- the map, once ---------------------------------------------------------------------------------------------------

// Layers in drawing order: {kind, path, style..}. Neighbouring shapes of one style share a path.
const layers = [];
{
  let last = null;
  for (const shape of data.ground) {
    const [kind, color, itemKind, level, closed, width, on, off, phase, angle, item] = shape;
    const style = kind <= ROAD ? `${kind}/${level}` : kind === LINE ? `${kind}/${level}/${color}/${itemKind}/${width}/${on}/${off}/${off ? phase : 0}`
      : kind === STOP ? `${kind}/${level}/${item}/${itemKind}` : kind === CROSSWALK ? null : `${kind}/${level}/${itemKind}`;
    if (!last || last.style !== style || style === null) {
      last = { style, kind, color, itemKind, closed: closed === 1, width: width / 100, on: on / 100, off: off / 100, phase: phase / 100,
        angle: angle / 1e4, item, path: new Path2D(), low: [Infinity, Infinity], high: [-Infinity, -Infinity] };
      layers.push(last);
    }
    let x = 0;
    let y = 0;
    for (let i = 11; i + 1 < shape.length; i += 2) {
      x += shape[i] / 100;
      y += shape[i + 1] / 100;
      if (i === 11) last.path.moveTo(x, y);
      else last.path.lineTo(x, y);
      last.low = [Math.min(last.low[0], x), Math.min(last.low[1], y)];
      last.high = [Math.max(last.high[0], x), Math.max(last.high[1], y)];
    }
    if (closed === 1) last.path.closePath();
  }
}

const MARK_NONE = 0, MARK_GRASS = 8, MARK_CURB = 9;
const OBJECT_BUILDING = 4, OBJECT_VEGETATION = 6, OBJECT_TREE = 7, OBJECT_PARKING = 8, OBJECT_MARK = 11, OBJECT_TUNNEL = 12, OBJECT_BRIDGE = 13;
const SIGNAL_LIGHT = 1;
const lightColor = (light) => (light === 1 || light === 2 ? "#ff4b4b" : light === 3 || light === 5 ? "#ffc83d" : light === 4 ? "#3ddc84" : "#9aa5b1");

function drawCrosswalk(layer) {
  ink.save();
  ink.clip(layer.path);
  const reach = Math.hypot(layer.high[0] - layer.low[0], layer.high[1] - layer.low[1]) / 2;
  ink.translate((layer.low[0] + layer.high[0]) / 2, (layer.low[1] + layer.high[1]) / 2);
  ink.rotate(layer.angle);
  ink.fillStyle = palette.marks[0];
  for (let at = -Math.ceil(reach); at < reach; at++) ink.fillRect(at, -reach, 0.5, 2 * reach);
  ink.restore();
}

function drawGround(time) {
  for (const layer of layers) {
    if (layer.kind <= ROAD) {
      ink.fillStyle = ink.strokeStyle = palette.surfaces[layer.kind];
      ink.lineWidth = 0.12;
      ink.fill(layer.path);
      ink.stroke(layer.path);
    } else if (layer.kind === CROSSWALK) {
      drawCrosswalk(layer);
    } else if (layer.kind === LINE || layer.kind === STOP) {
      const light = layer.kind === STOP && layer.itemKind === SIGNAL_LIGHT ? drive.light(layer.item, time) : -1;
      ink.strokeStyle = light >= 0 ? lightColor(light) : layer.kind === STOP ? palette.marks[0]
        : layer.itemKind === MARK_NONE ? palette.faint : layer.itemKind === MARK_CURB ? palette.thing : layer.itemKind === MARK_GRASS ? palette.tree : palette.marks[layer.color] || palette.marks[0];
      ink.lineWidth = Math.max(layer.width, 1.2 / view.scale);
      ink.setLineDash(layer.off > 0 ? [layer.on, layer.off] : []);
      ink.lineDashOffset = layer.phase;
      ink.stroke(layer.path);
      ink.setLineDash([]);
    } else {
      const outline = layer.itemKind === OBJECT_PARKING || layer.itemKind === OBJECT_MARK || !layer.closed;
      const color = layer.itemKind === OBJECT_BUILDING ? palette.building
        : layer.itemKind === OBJECT_TREE || layer.itemKind === OBJECT_VEGETATION ? palette.tree : outline ? palette.marks[0] : palette.thing;
      if (!outline) {
        ink.globalAlpha = layer.itemKind === OBJECT_BRIDGE || layer.itemKind === OBJECT_TUNNEL ? 0.15 : 1;
        ink.fillStyle = color;
        ink.fill(layer.path);
        ink.globalAlpha = 1;
      }
      ink.strokeStyle = outline ? color : palette.edge;
      ink.lineWidth = Math.max(outline ? 0.12 : 0.15, 1 / view.scale);
      ink.stroke(layer.path);
    }
  }
}

// ---- actors ----------------------------------------------------------------------------------------------------------

const CAR = 0, VAN = 1, TRUCK = 2, BUS = 3, TRAILER = 4, MOTORCYCLE = 5, BICYCLE = 6, PEDESTRIAN = 7, ANIMAL = 8, OBSTACLE = 9, TRAIN = 10;
const css = (color) => "#" + color.toString(16).padStart(6, "0");
const shade = (color, f) => `rgb(${(color >> 16 & 255) * f | 0},${(color >> 8 & 255) * f | 0},${(color & 255) * f | 0})`;

function box(x, y, width, height, radius) {
  ink.beginPath();
  ink.roundRect(x, y, width, height, Math.min(radius, width / 2, height / 2));
}

function quad(x0, y0, x1, y1) {
  ink.beginPath();
  ink.moveTo(x0, -y0);
  ink.lineTo(x1, -y1);
  ink.lineTo(x1, y1);
  ink.lineTo(x0, y0);
  ink.closePath();
  ink.fill();
}

function filled(color, edge, width) {
  ink.fillStyle = color;
  ink.fill();
  ink.strokeStyle = edge;
  ink.lineWidth = width;
  ink.stroke();
}

function drawLamps(l, w, lamps, time) {
  if (lamps & 1) {
    ink.fillStyle = "#ff2d2d";
    for (const side of [-1, 1]) ink.fillRect(-l - 0.1, side * w * 0.72 - w * 0.22, 0.45, w * 0.45);
  }
  if (time * 1.5 % 1 < 0.55) {
    ink.fillStyle = "#ffb000";
    for (const [bits, side] of [[10, 1], [12, -1]]) {
      if (lamps & bits) for (const end of [-1, 1]) ink.fillRect(end * (l - 0.25) - 0.35, side * w - 0.25, 0.7, 0.5);
    }
  }
}

function drawBody(actor, state, ego, time) {
  const l = Math.max(actor.length, 0.2) / 2;
  const w = Math.max(actor.width, 0.2) / 2;
  const color = actor.color;
  const kind = actor.kind;
  if (kind === PEDESTRIAN || kind === ANIMAL) {
    const radius = Math.max(l, w, 4 / view.scale);
    ink.fillStyle = shade(color, 0.75);
    ink.beginPath();
    ink.moveTo(radius * 1.75, 0);
    ink.lineTo(radius * 0.7, radius * 0.75);
    ink.lineTo(radius * 0.7, -radius * 0.75);
    ink.fill();
    ink.beginPath();
    ink.arc(0, 0, radius, 0, 2 * Math.PI);
    filled(css(color), shade(color, 0.35), radius * 0.22);
    return;
  }
  if (kind === BICYCLE || kind === MOTORCYCLE) {
    ink.fillStyle = "#101315";
    const thick = kind === MOTORCYCLE ? 0.4 : 0.2;
    ink.fillRect(-Math.max(l, 0.8), -thick / 2, 2 * Math.max(l, 0.8), thick);
    ink.fillRect(Math.max(l, 0.8) * 0.4, -0.35, 0.15, 0.7);
    ink.beginPath();
    ink.ellipse(-0.05, 0, 0.32, 0.42, 0, 0, 2 * Math.PI);
    filled(css(color), shade(color, 0.4), 0.09);
    ink.beginPath();
    ink.arc(0.08, 0, 0.16, 0, 2 * Math.PI);
    ink.fillStyle = "#1b252d";
    ink.fill();
    return;
  }
  box(-l - 0.25, -w - 0.25, 2 * l + 0.5, 2 * w + 0.5, 0.6);
  ink.fillStyle = palette.shadow;
  ink.fill();
  if (kind === CAR || kind === VAN) {
    const van = kind === VAN;
    box(-l, -w, 2 * l, 2 * w, w * 0.45);
    filled(css(color), shade(color, 0.45), 0.1);
    ink.fillStyle = "#1b252d";
    quad(l * (van ? 0.62 : 0.32), w * 0.82, l * (van ? 0.36 : 0.04), w * 0.68);
    quad(-l * (van ? 0.92 : 0.72), w * 0.78, -l * (van ? 0.82 : 0.5), w * 0.68);
    box(-l * (van ? 0.8 : 0.5), -w * 0.68, l * (van ? 1.14 : 0.54), w * 1.36, w * 0.2);
    ink.fillStyle = shade(color, 0.88);
    ink.fill();
    ink.fillStyle = "#fff3bf";
    for (const side of [-1, 1]) ink.fillRect(l * 0.93, side * w * 0.62 - w * 0.16, l * 0.06, w * 0.32);
  } else if (kind === TRUCK) {
    const cab = Math.min(2.2, l * 0.5);
    box(-l, -w, 2 * l - cab - 0.15, 2 * w, 0.15);
    filled(css(color), shade(color, 0.45), 0.12);
    box(l - cab, -w * 0.95, cab, w * 1.9, 0.35);
    filled(shade(color, 0.75), shade(color, 0.4), 0.12);
    ink.fillStyle = "#1b252d";
    ink.fillRect(l - cab * 0.42, -w * 0.8, cab * 0.24, w * 1.6);
  } else if (kind === BUS || kind === TRAIN || kind === TRAILER) {
    box(-l, -w, 2 * l, 2 * w, 0.25);
    filled(css(color), shade(color, 0.45), 0.12);
    ink.fillStyle = shade(color, 0.8);
    for (let x = -l + 1.2; x + 1.2 < l - 0.8; x += 2.4) ink.fillRect(x, -w * 0.55, 1.3, w * 1.1);
  } else {
    box(-l, -w, 2 * l, 2 * w, 0.1);
    filled(css(color), shade(color, 0.4), 0.12);
  }
  drawLamps(l, w, state.lamps, time);
}

function drawActor(index, state, time) {
  const actor = drive.actors[index];
  const ego = index === drive.ego;
  ink.save();
  ink.translate(state.x, state.y);
  ink.rotate(state.h);
  ink.globalAlpha = ego || state.seen ? 1 : 0.45;
  drawBody(actor, state, ego, time);
  const l = actor.length / 2;
  const w = actor.width / 2;
  if (ego || !state.seen) {
    ink.strokeStyle = dark.matches ? "#ffffff" : "#0b4f8a";
    ink.lineWidth = (ego ? 1.6 : 1.2) / view.scale;
    ink.setLineDash(ego ? [] : [0.5, 0.4]);
    box(-l - 0.3, -w - 0.3, 2 * l + 0.6, 2 * w + 0.6, 0.9);
    ink.stroke();
    ink.setLineDash([]);
  }
  ink.restore();
}

// ---- plan, cause, contacts -------------------------------------------------------------------------------------------

const speedStops = [[240, 62, 62], [245, 160, 62], [192, 217, 45], [47, 208, 140]];
function speedColor(f, alpha) {
  const at = Math.min(1, Math.max(0, f)) * 3;
  const i = Math.min(2, Math.floor(at));
  const mix = speedStops[i].map((v, k) => Math.round(v + (speedStops[i + 1][k] - v) * (at - i)));
  return `rgba(${mix.join(",")},${alpha})`;
}

function drawPlan(time) {
  const found = drive.plan(time);
  if (!found) return;
  const { plan, safe } = found;
  ink.lineCap = "butt";
  if (safe.length > 1 && data.tube > 0) { // what was verified along the fail-safe: the body and the tube round it
    ink.strokeStyle = dark.matches ? "rgba(255,184,107,0.16)" : "rgba(179,92,0,0.14)";
    ink.lineWidth = drive.actors[drive.ego].width + 2 * data.tube;
    ink.beginPath();
    safe.forEach(([x, y], i) => (i === 0 ? ink.moveTo(x, y) : ink.lineTo(x, y)));
    ink.stroke();
  }
  ink.lineWidth = Math.max(drive.actors[drive.ego].width * 0.75, 0.6);
  let from = plan[0];
  for (let i = 1; i < plan.length; i++) {
    if (Math.hypot(plan[i][0] - from[0], plan[i][1] - from[1]) < 0.02) continue;
    ink.strokeStyle = speedColor(plan[i][2] / drive.fastest, 0.62 * (1 - 0.5 * i / plan.length));
    ink.beginPath();
    ink.moveTo(from[0], from[1]);
    ink.lineTo(plan[i][0] + (plan[i][0] - from[0]) * 0.02, plan[i][1] + (plan[i][1] - from[1]) * 0.02);
    ink.stroke();
    from = plan[i];
  }
  if (safe.length < 2) return;
  ink.strokeStyle = ink.fillStyle = dark.matches ? "#ffb86b" : "#b35c00";
  ink.lineWidth = 1.8 / view.scale;
  ink.setLineDash([7 / view.scale, 5 / view.scale]);
  ink.beginPath();
  safe.forEach(([x, y], i) => (i === 0 ? ink.moveTo(x, y) : ink.lineTo(x, y)));
  ink.stroke();
  ink.setLineDash([]);
  ink.beginPath();
  ink.arc(safe.at(-1)[0], safe.at(-1)[1], 3 / view.scale, 0, 2 * Math.PI);
  ink.fill();
}

function drawCauses(time, ego) {
  const decision = drive.decision(time);
  if (!decision || !ego) return;
  decision[6].forEach(([index, , item], k) => {
    const state = index >= 0 && index !== drive.ego ? drive.state(index, time) : null;
    const sign = index < 0 && item >= 0 ? data.signs.find((s) => s[0] === item) : null;
    if (!state && !sign) return;
    const [x, y] = state ? [state.x, state.y] : [sign[3], sign[4]];
    const actor = drive.actors[index];
    const radius = Math.max(state ? Math.hypot(actor.length, actor.width) / 2 + 0.8 : 3, 11 / view.scale);
    ink.globalAlpha = k === 0 ? 1 : 0.5;
    ink.strokeStyle = dark.matches ? "#ff9f1c" : "#e8590c";
    ink.lineWidth = (k === 0 ? 2.4 : 1.5) / view.scale;
    ink.beginPath();
    ink.arc(x, y, radius, 0, 2 * Math.PI);
    ink.stroke();
    const gap = Math.hypot(x - ego.x, y - ego.y);
    if (gap > radius) {
      ink.setLineDash([2 / view.scale, 4 / view.scale]);
      ink.beginPath();
      ink.moveTo(ego.x, ego.y);
      ink.lineTo(x - (x - ego.x) / gap * radius, y - (y - ego.y) / gap * radius);
      ink.stroke();
      ink.setLineDash([]);
    }
    ink.globalAlpha = 1;
  });
}

function drawTouches(time) {
  for (const [ms, , , , x, y] of data.touches) {
    const since = time - ms / 1000;
    if (since < 0 || x === null || y === null) continue;
    const outer = (13 + 10 * Math.max(0, 1 - since * 2)) / view.scale;
    ink.beginPath();
    for (let k = 0; k < 16; k++) {
      const radius = k % 2 === 0 ? outer : outer * 0.45;
      ink.lineTo(x + radius * Math.cos(k * Math.PI / 8), y + radius * Math.sin(k * Math.PI / 8));
    }
    ink.closePath();
    filled("#ff2d2d", "#ffe066", 1.5 / view.scale);
  }
}

// Where a place of the map is on the canvas, CSS pixels; null: off it.
function onScreen(sx, sy) {
  const turn = Math.PI / 2 - view.angle;
  const dx = sx - view.x;
  const dy = sy - view.y;
  const x = view.width / 2 + (dx * Math.cos(turn) - dy * Math.sin(turn)) * view.scale;
  const y = view.height * view.anchor - (dx * Math.sin(turn) + dy * Math.cos(turn)) * view.scale;
  return x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20 ? null : [x, y];
}

// Names of the others, beside them on the side away from the ego. Where two would cover each other the one that is a cause,
// else the one nearer to the ego, keeps its own.
function drawNames(time, ego) {
  if (view.scale < 2.5) return;
  ink.font = "11px system-ui, sans-serif";
  const near = [];
  const decision = drive.decision(time);
  const causes = new Set(decision ? decision[6].map(([index]) => index) : []);
  const middle = (ego && onScreen(ego.x, ego.y) || [view.width / 2])[0];
  drive.actors.forEach((actor, i) => {
    const state = i === drive.ego ? null : drive.state(i, time);
    const at = state && onScreen(state.x, state.y);
    if (!at) return;
    const turned = state.h - view.angle;
    const reach = Math.max((Math.abs(Math.sin(turned)) * actor.length + Math.abs(Math.cos(turned)) * actor.width) / 2 * view.scale, 6);
    const width = ink.measureText(actor.name).width;
    near.push({ name: actor.name, x: at[0] + (at[0] < middle ? -1 : 1) * (reach + 5 + width / 2), y: at[1], half: width / 2 + 2,
      far: causes.has(i) ? -1 : ego ? Math.hypot(state.x - ego.x, state.y - ego.y) : i });
  });
  near.sort((a, b) => a.far - b.far);
  ink.textAlign = "center";
  ink.textBaseline = "middle";
  ink.lineJoin = "round";
  ink.lineWidth = 3;
  ink.strokeStyle = palette.land;
  ink.fillStyle = dark.matches ? "#f1f3f5" : "#14181b";
  const taken = [];
  for (const { name, x, y, half } of near) {
    if (taken.some((t) => Math.abs(t.x - x) < t.half + half && Math.abs(t.y - y) < 13)) continue;
    taken.push({ x, y, half });
    ink.strokeText(name, x, y);
    ink.fillText(name, x, y);
  }
}

function drawSigns(time) {
  if (view.scale < 2.5) return;
  for (const [signal, kind, value, sx, sy] of data.signs) {
    const at = onScreen(sx, sy);
    if (!at) continue;
    const [x, y] = at;
    ink.beginPath();
    if (kind === 1 || kind === 2) {
      const light = drive.light(signal, time);
      ink.roundRect(x - 6, y - 14, 12, 28, 4);
      filled("#14181b", "#6b737a", 1);
      [[1, 2], [3, 2, 5], [4]].forEach((states, i) => {
        ink.beginPath();
        ink.arc(x, y + (i - 1) * 8.5, 3.4, 0, 2 * Math.PI);
        ink.fillStyle = states.includes(light) ? ["#ff4b4b", "#ffc83d", "#3ddc84"][i] : "#343a40";
        ink.fill();
      });
    } else if (kind === 6 || kind === 7) {
      ink.arc(x, y, 9.5, 0, 2 * Math.PI);
      filled("#ffffff", kind === 6 ? "#e03131" : "#6b737a", 2.5);
      ink.fillStyle = "#14181b";
      ink.font = "bold 9.5px system-ui, sans-serif";
      ink.textAlign = "center";
      ink.textBaseline = "middle";
      ink.fillText(String(Math.round(value * 3.6)), x, y + 0.5);
    } else if (kind === 3 || kind === 4 || kind === 5) {
      const corners = kind === 3 ? 8 : kind === 4 ? 3 : 4;
      const first = kind === 3 ? Math.PI / 8 : kind === 4 ? Math.PI / 2 : 0;
      for (let k = 0; k < corners; k++) {
        ink.lineTo(x + 9.5 * Math.cos(first + 2 * Math.PI * k / corners), y + 9.5 * Math.sin(first + 2 * Math.PI * k / corners));
      }
      ink.closePath();
      filled(kind === 3 ? "#e03131" : kind === 4 ? "#ffffff" : "#ffd43b", kind === 4 ? "#e03131" : "#ffffff", 2);
    }
  }
}

// ---- the camera ------------------------------------------------------------------------------------------------------

function smoothHeading(time) {
  let x = 0;
  let y = 0;
  for (let i = -8; i <= 8; i++) {
    const state = drive.state(drive.ego, Math.min(drive.duration, Math.max(0, time + i * 0.1)));
    if (!state) continue;
    const weight = 1 - Math.abs(i) / 9;
    x += weight * Math.cos(state.h);
    y += weight * Math.sin(state.h);
  }
  return x === 0 && y === 0 ? Math.PI / 2 : Math.atan2(y, x);
}

view.resize = () => {
  const size = view.canvas.getBoundingClientRect();
  view.ratio = Math.min(window.devicePixelRatio || 1, 3);
  view.width = size.width;
  view.height = size.height;
  view.canvas.width = Math.max(1, Math.round(size.width * view.ratio));
  view.canvas.height = Math.max(1, Math.round(size.height * view.ratio));
};

// Faster drives are seen from farther away.
view.scale = Math.min(8, Math.max(3.4, 9 - 0.17 * drive.fastest));

view.zoom = (factor) => {
  view.scale = Math.min(60, Math.max(0.4, view.scale * factor));
};

// Moves the map under a drag of (dx, dy) CSS pixels.
view.pan = (dx, dy) => {
  const turn = view.angle - Math.PI / 2;
  const mx = -dx / view.scale;
  const my = dy / view.scale;
  view.x += mx * Math.cos(turn) - my * Math.sin(turn);
  view.y += mx * Math.sin(turn) + my * Math.cos(turn);
};

view.draw = (time) => {
  const ego = drive.state(drive.ego, time);
  if (view.follow && ego) {
    view.x = ego.x;
    view.y = ego.y;
  }
  view.angle = view.headingUp && drive.ego >= 0 ? smoothHeading(time) : Math.PI / 2;
  view.anchor = view.follow && view.headingUp ? 0.7 : 0.5;
  ink.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  ink.fillStyle = palette.land;
  ink.fillRect(0, 0, view.width, view.height);
  ink.save();
  ink.translate(view.width / 2, view.height * view.anchor);
  ink.scale(view.scale, -view.scale);
  ink.rotate(Math.PI / 2 - view.angle);
  ink.translate(-view.x, -view.y);
  drawGround(time);
  drawPlan(time);
  for (let i = 0; i < drive.actors.length; i++) {
    const state = i === drive.ego ? null : drive.state(i, time);
    if (state) drawActor(i, state, time);
  }
  if (ego) drawActor(drive.ego, ego, time);
  drawCauses(time, ego);
  drawTouches(time);
  ink.restore();
  drawSigns(time);
  drawNames(time, ego);
};
