"use strict";
// The drive's data, unpacked: who was where at a time, what was decided then.

const data = JSON.parse(document.getElementById("data").textContent);

function unpack(text, Type) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return new Type(bytes.buffer);
}

const drive = {
  times: unpack(data.times, Int32Array), // ms
  ego: data.ego,
  actors: data.actors.map((actor) => ({
    name: actor.name,
    kind: actor.kind,
    length: actor.length,
    width: actor.width,
    color: actor.color,
    first: actor.first,
    x: unpack(actor.x, Int32Array), // cm
    y: unpack(actor.y, Int32Array),
    h: unpack(actor.h, Int16Array), // 1e-4 rad
    v: unpack(actor.v, Int16Array), // cm/s
    a: unpack(actor.a, Int16Array), // cm/s2
    f: unpack(actor.f, Uint8Array), // 1 present, 2 seen, lamps << 2
  })),
  planTimes: unpack(data.planTimes, Int32Array),
  plans: unpack(data.plans, Int16Array), // x, y in 2 cm, speed in cm/s
  failsafes: unpack(data.failsafes, Int16Array),
  series: {
    gap: unpack(data.gap, Int16Array), // cm, -32768: none
    ttc: unpack(data.ttc, Int16Array), // 10 ms
    offset: unpack(data.offset, Int16Array),
  },
};
drive.duration = drive.times.length > 0 ? drive.times[drive.times.length - 1] / 1000 : 0;

// Index of the last item at or before the time; -1: none. `at` gives the time of item i, ms.
function lastBefore(count, at, ms) {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(middle) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

drive.tick = (time) => Math.max(0, lastBefore(drive.times.length, (i) => drive.times[i], Math.round(time * 1000)));

// Where an actor is: {x, y, h, v, a, seen, lamps} in m, rad, m/s; null: not there.
drive.state = (index, time) => {
  const actor = drive.actors[index];
  if (!actor) return null;
  const tick = drive.tick(time);
  const i = tick - actor.first;
  if (i < 0 || i >= actor.f.length || (actor.f[i] & 1) === 0) return null;
  const state = {
    x: actor.x[i] / 100,
    y: actor.y[i] / 100,
    h: actor.h[i] / 1e4,
    v: actor.v[i] / 100,
    a: actor.a[i] / 100,
    seen: (actor.f[i] & 2) !== 0,
    lamps: actor.f[i] >> 2,
  };
  if (i + 1 < actor.f.length && (actor.f[i + 1] & 1) !== 0 && tick + 1 < drive.times.length) {
    const span = drive.times[tick + 1] - drive.times[tick];
    const f = span > 0 ? Math.min(1, Math.max(0, (time * 1000 - drive.times[tick]) / span)) : 0;
    const dx = actor.x[i + 1] / 100 - state.x;
    const dy = actor.y[i + 1] / 100 - state.y;
    if (dx * dx + dy * dy < 100) {
      let turn = actor.h[i + 1] / 1e4 - state.h;
      turn -= Math.round(turn / (2 * Math.PI)) * 2 * Math.PI;
      state.x += dx * f;
      state.y += dy * f;
      state.h += turn * f;
      state.v += (actor.v[i + 1] / 100 - state.v) * f;
      state.a += (actor.a[i + 1] / 100 - state.a) * f;
    }
  }
  return state;
};

drive.decision = (time) => {
  const i = lastBefore(data.decisions.length, (k) => data.decisions[k][0], Math.round(time * 1000));
  return i >= 0 ? data.decisions[i] : null;
};

drive.word = (time) => lastBefore(data.words.length, (k) => data.words[k][0], Math.round(time * 1000));

drive.light = (signal, time) => {
  const ms = Math.round(time * 1000);
  let light = -1;
  for (const [at, which, state] of data.lights) {
    if (at > ms) break;
    if (which === signal) light = state;
  }
  return light;
};

// Points of the plan at a time: [[x, y, speed]..] in map metres, and of the fail-safe one: [[x, y]..].
drive.plan = (time) => {
  const i = lastBefore(drive.planTimes.length, (k) => drive.planTimes[k], Math.round(time * 1000));
  const ego = i >= 0 ? drive.state(drive.ego, drive.planTimes[i] / 1000) : null;
  if (!ego) return null;
  const actor = data.actors[drive.ego];
  const back = actor.centerX || 0;
  const cos = Math.cos(ego.h);
  const sin = Math.sin(ego.h);
  const place = (x, y) => [ego.x + (x - back) * cos - y * sin, ego.y + (x - back) * sin + y * cos];
  const n = data.planPoints;
  const plan = [[...place(0, 0), ego.v]];
  const safe = [place(0, 0)];
  for (let k = 0; k < n; k++) {
    const at = (i * n + k) * 3;
    if (drive.plans[at] === -32768) break;
    plan.push([...place(drive.plans[at] / 50, drive.plans[at + 1] / 50), drive.plans[at + 2] / 100]);
  }
  for (let k = 0; k < n; k++) {
    const at = (i * n + k) * 2;
    if (drive.failsafes[at] === -32768) break;
    safe.push(place(drive.failsafes[at] / 50, drive.failsafes[at + 1] / 50));
  }
  return { plan, safe };
};

drive.fastest = (() => {
  let most = 0;
  const ego = drive.actors[drive.ego];
  if (ego) for (const v of ego.v) most = Math.max(most, v / 100);
  return Math.max(30, Math.ceil((most * 3.6) / 10) * 10) / 3.6;
})();
