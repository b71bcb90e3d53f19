"use strict";
// The page: play, seek, timeline, lists and tables.

const byId = (id) => document.getElementById(id);
const player = { time: 0, playing: false, rate: 1, last: 0, dirty: true };

function element(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(properties || {})) {
    if (key === "class") made.className = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const clockText = (seconds) => `${seconds.toFixed(1)} s`;

function jump(time) {
  player.time = Math.min(drive.duration, Math.max(0, time));
  player.dirty = true;
  schedule();
}

function setPlaying(playing) {
  player.playing = playing;
  if (playing && player.time >= drive.duration - 1e-6) player.time = 0;
  player.last = performance.now();
  const icon = playing ? "M3 2h4v14H3zM11 2h4v14h-4z" : "M4 2l12 7-12 7z";
  byId("play").innerHTML = `<svg viewBox="0 0 18 18" aria-hidden="true"><path d="${icon}"/></svg>`;
  byId("play").setAttribute("aria-label", say(playing ? "pause" : "play"));
  player.dirty = true;
  schedule();
}

// ---- timeline --------------------------------------------------------------------------------------------------------

// Runs of one decision: {from, to (s), longitudinal, lateral, source, refused}.
const runs = [];
for (let i = 0; i < data.decisions.length; i++) {
  const [ms, source, longitudinal, lateral, refused] = data.decisions[i];
  const last = runs.at(-1);
  const to = i + 1 < data.decisions.length ? data.decisions[i + 1][0] / 1000 : drive.duration;
  if (last && last.longitudinal === longitudinal && last.lateral === lateral && last.source === source) last.to = to;
  else runs.push({ from: ms / 1000, to, longitudinal, lateral, source, refused });
}

const runName = (run) => `${kindName(data.longitudinal, run.longitudinal)}, ${kindName(data.lateral, run.lateral)}, ${kindName(data.source, run.source)}`;

function makeTimeline() {
  const box = byId("timeline");
  const span = Math.max(drive.duration, 1e-3);
  box.replaceChildren();
  box.setAttribute("aria-label", say("timeline"));
  runs.forEach((run, i) => {
    const button = element("button", {
      type: "button",
      tabindex: i === 0 ? "0" : "-1",
      "aria-label": `${clockText(run.from)}: ${runName(run)}`,
      title: `${clockText(run.from)} – ${clockText(run.to)}: ${runName(run)}`,
      onclick: () => {
        jump(run.from);
        focusRun(i);
      },
    });
    button.style.left = `${run.from / span * 100}%`;
    button.style.width = `${(run.to - run.from) / span * 100}%`;
    button.style.background = kindColor(data.longitudinal, run.longitudinal);
    run.button = button;
    const source = element("i");
    source.style.left = button.style.left;
    source.style.width = button.style.width;
    source.style.background = kindColor(data.source, run.source);
    box.append(button, source);
  });
  for (const [ms] of data.touches) {
    const mark = element("i", { class: "touch" });
    mark.style.left = `${ms / 1000 / span * 100}%`;
    box.append(mark);
  }
  box.append(element("i", { class: "now" }));
}

function focusRun(i) {
  runs.forEach((run, k) => run.button.setAttribute("tabindex", k === i ? "0" : "-1"));
  runs[i].button.focus({ preventScroll: true });
}

byId("timeline").addEventListener("keydown", (event) => {
  const at = runs.findIndex((run) => run.button === document.activeElement);
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (at < 0 || !step) return;
  event.preventDefault();
  event.stopPropagation();
  const next = Math.min(runs.length - 1, Math.max(0, at + step));
  focusRun(next);
  jump(runs[next].from);
});

function makeLegend() {
  const used = [...new Set(runs.map((run) => run.longitudinal))].sort((a, b) => a - b);
  const sources = [...new Set(runs.map((run) => run.source))].sort((a, b) => a - b);
  const entry = (table, value) => {
    const dot = element("i");
    dot.style.background = kindColor(table, value);
    return element("li", {}, dot, kindName(table, value));
  };
  const sign = (key) => element("li", {}, element("i", { class: `sign-${key}` }), say(key));
  byId("legend").replaceChildren(...used.map((value) => entry(data.longitudinal, value)), ...sources.map((value) => entry(data.source, value)),
    ...["plan", "failsafe", "cause", "unseen"].map(sign));
}

// ---- reasons ---------------------------------------------------------------------------------------------------------

let spoken = [];

function makeWords() {
  const items = [
    ...data.words.map(([ms, en, ko, change], index) => ({ ms, text: language.index === 1 ? ko : en, change, index })),
    ...data.events.map(([ms, en, ko, breach]) => ({ ms, text: language.index === 1 ? ko : en, event: breach ? "event breach" : "event" })),
    ...data.refusals.map((run) => ({ ms: run[0], text: refusalText(run), event: "event refused" })),
  ].sort((a, b) => a.ms - b.ms);
  // Reasons are repeated each second; the list shows what is new.
  const list = items.filter((item, i) => item.event || item.change || i === 0 || !items.slice(0, i).some((before) => !before.event));
  spoken = list.filter((item) => !item.event);
  byId("words").replaceChildren(
    ...list.map((item) => {
      const decision = drive.decision(item.ms / 1000);
      const button = element(
        "button",
        { type: "button", onclick: () => jump(item.ms / 1000) },
        element("time", {}, clockText(item.ms / 1000)),
        element("span", item.event ? { class: item.event } : {}, item.text),
      );
      if (decision && !item.event) button.style.setProperty("--tone", kindColor(data.longitudinal, decision[2]));
      item.button = button;
      return element("li", {}, button);
    }),
  );
  if (list.length === 0) byId("words").append(element("li", {}, say("noReasons")));
}

let shownWord = null;

function markWord(time) {
  const at = lastBefore(spoken.length, (i) => spoken[i].ms, Math.round(time * 1000));
  const word = at >= 0 ? spoken[at] : null;
  if (word === shownWord) return;
  if (shownWord) shownWord.button.removeAttribute("aria-current");
  shownWord = word;
  if (!word) return;
  word.button.setAttribute("aria-current", "true");
  const box = byId("words");
  const top = word.button.offsetTop - box.offsetTop;
  if (top < box.scrollTop || top + word.button.offsetHeight > box.scrollTop + box.clientHeight) {
    box.scrollTop = top - box.clientHeight / 3;
  }
}

// ---- verdict and the rest --------------------------------------------------------------------------------------------

const number = (value, unit) => {
  if (typeof value !== "number") return "";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${Number(value.toFixed(digits))}${unit ? " " + unit : ""}`;
};

function makeVerdict() {
  const verdict = data.verdict || {};
  const rows = (verdict.criteria || []).filter((item) => item.applies !== false);
  const passed = typeof verdict.passed === "boolean" ? verdict.passed
    : rows.length > 0 ? rows.every((item) => item.passed || item.demanded === false) : null;
  const badge = byId("result");
  badge.textContent = passed === null ? "" : say(passed ? "passed" : "failed");
  badge.className = `badge ${passed ? "passed" : "failed"}`;
  byId("criteria").replaceChildren(
    ...rows.map((item) => {
      const when = typeof item.time_s === "number" && item.time_s >= 0 ? item.time_s : null;
      return element(
        "tr",
        item.demanded === false ? { class: "told" } : {},
        element("td", { class: `mark ${item.passed ? "good" : "bad"}` }, element("span", { role: "img", "aria-label": say(item.passed ? "passed" : "failed") }, item.passed ? "✓" : "✗")),
        element("td", {}, label(item.name), item.demanded === false ? ` (${say("told")})` : null, element("small", {}, inLanguage(item, "text"))),
        element("td", { class: "number" }, when !== null && !item.passed
          ? element("button", { type: "button", class: "link", onclick: () => jump(when) }, clockText(when))
          : number(item.value, item.unit)),
      );
    }),
  );
  if (rows.length === 0) byId("criteria").replaceChildren(element("tr", {}, element("td", {}, say("noVerdict"))));
  const contacts = verdict.contacts || [];
  byId("contacts").replaceChildren(
    ...contacts.map((item) => {
      const when = typeof item.time_s === "number" ? item.time_s : null;
      const who = item.with === "map object" ? label(item.with) : item.with || "";
      return element(
        "div",
        { class: "touch" },
        element("b", {}, `${say("contact")}: ${who}`),
        " ",
        when !== null ? element("button", { type: "button", class: "link", onclick: () => jump(when - 1) }, clockText(when)) : null,
        element("div", {}, [number(item.impact_mps, "m/s"), item.fault ? `${say("fault")}: ${label(item.fault)}` : "", inLanguage(item, "broken")].filter(Boolean).join(" · ")),
      );
    }),
  );
  const human = verdict.careful_human;
  byId("human").textContent = !human ? "" : human.avoids ? say("humanAvoids") : `${say("humanHits")} ${number(human.impact_mps, "m/s")}`;
  const metrics = Object.entries(verdict.metrics || {}).filter(([, value]) => typeof value === "number");
  byId("metrics").replaceChildren(
    ...metrics.flatMap(([name, value]) => {
      const [, , suffix] = name.match(/^(.*?)(?:_(mps2|mps3|mps|s|m|rad))?$/);
      const unit = { mps: "m/s", mps2: "m/s²", mps3: "m/s³" }[suffix] || suffix || "";
      return [element("dt", {}, label(name)), element("dd", {}, number(value, unit))];
    }),
  );
  byId("numbers").hidden = metrics.length === 0;
}

function makeAbout() {
  const notices = data.notices.length > 0 ? data.notices : (data.verdict && data.verdict.notices) || [];
  byId("notices").replaceChildren(
    ...(notices.length === 0 ? [] : [
      element("h3", {}, say("notices")),
      element("ul", {}, ...notices.map((item) => element(
        "li", {}, element("b", {}, item.name || ""), ` ${item.text || ""} `,
        element("span", { class: "digest" }, `${item.path || ""}:${item.line || 0}:${item.column || 0}${item.count > 1 ? ` (${item.count} ${say("places")})` : ""}`),
      ))),
    ]),
  );
  const facts = [
    [say("driver"), data.meta.driver], [say("evaluator"), data.meta.evaluator], [say("seed"), data.meta.seed],
    [say("time"), data.meta.duration_s ? `${data.meta.duration_s} s` : undefined], [say("hash"), data.meta.final_hash], ["Causeway", data.meta.version],
  ].filter(([, value]) => value !== undefined && value !== "");
  byId("run").replaceChildren(
    element("h3", {}, say("command")),
    element("pre", {}, element("code", {}, data.meta.command || "")),
    element("dl", {}, ...facts.flatMap(([key, value]) => [element("dt", {}, key), element("dd", {}, value)])),
    element("h3", {}, say("inputs")),
    element("ul", {}, ...data.inputs.map(([name, size, digest]) => element(
      "li", {}, name, element("span", { class: "digest" }, `${size} B · SHA-256 `, element("code", {}, digest)),
    ))),
  );
}

function makeText() {
  document.documentElement.lang = language.index === 1 ? "ko" : "en";
  for (const item of document.querySelectorAll("[data-word]")) item.textContent = say(item.dataset.word);
  byId("name").textContent = data.name || data.meta.scenario || "Causeway";
  document.title = `${byId("name").textContent} – Causeway`;
  byId("summary").textContent = [data.meta.driver ? `${say("driver")} ${data.meta.driver}` : "", data.meta.evaluator ? `${say("evaluator")} ${data.meta.evaluator}` : "",
    clockText(drive.duration), data.meta.seed ? `${say("seed")} ${data.meta.seed}` : ""].filter(Boolean).join(" · ");
  byId("language").textContent = language.index === 1 ? "English" : "한국어";
  byId("language").lang = language.index === 1 ? "en" : "ko";
  view.canvas.setAttribute("aria-label", say("map"));
  byId("slider").setAttribute("aria-label", say("time"));
  byId("rate").setAttribute("aria-label", say("rate"));
  for (const [id, word] of [["zoom-in", "zoomIn"], ["zoom-out", "zoomOut"], ["follow", "follow"], ["heading", "heading"]]) {
    byId(id).setAttribute("aria-label", say(word));
    byId(id).title = say(word);
  }
  for (const plot of plots) plot.label.textContent = say(plot.key);
  makeTimeline();
  makeLegend();
  shownWord = null;
  makeWords();
  makeTests();
  makeVerdict();
  makeAbout();
  setPlaying(player.playing);
}

// ---- each frame ------------------------------------------------------------------------------------------------------

let shownRun = null;

function markRun(time) {
  const at = lastBefore(runs.length, (i) => runs[i].from, time + 1e-6);
  const run = at >= 0 ? runs[at] : null;
  if (run !== shownRun && shownRun && shownRun.button) shownRun.button.removeAttribute("aria-current");
  shownRun = run;
  if (run) run.button.setAttribute("aria-current", "true");
  byId("timeline").lastElementChild.style.left = `${time / Math.max(drive.duration, 1e-3) * 100}%`;
}

function show() {
  const time = player.time;
  view.draw(time);
  drawPlots(time);
  markRun(time);
  markWord(time);
  byId("slider").value = String(time);
  byId("slider").setAttribute("aria-valuetext", clockText(time));
  byId("clock").textContent = `${time.toFixed(1)} / ${clockText(drive.duration)}`;
  const ego = drive.state(drive.ego, time);
  byId("speed").textContent = ego ? String(Math.abs(Math.round(ego.v * 3.6))) : "–";
  const decision = drive.decision(time);
  const chips = decision ? [["source", data.source, decision[1]], ["decision", data.longitudinal, decision[2]]] : [];
  for (const [id, table, value] of chips) {
    byId(id).textContent = kindName(table, value);
    byId(id).style.setProperty("--tone", kindColor(table, value));
  }
  const refusal = data.refusals.find(([from, to]) => time * 1000 >= from - 1 && time * 1000 < to + 100);
  byId("refusal").textContent = refusal ? refusalText(refusal) : "";
  byId("lateral").textContent = decision ? kindName(data.lateral, decision[3]) : "";
  const word = drive.word(time);
  byId("reason").textContent = word >= 0 ? data.words[word][language.index === 1 ? 2 : 1] : "";
}

let scheduled = false;

function schedule() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame((now) => {
    scheduled = false;
    if (player.playing) {
      player.time += Math.min(0.25, (now - player.last) / 1000) * player.rate;
      player.last = now;
      if (player.time >= drive.duration) {
        player.time = drive.duration;
        setPlaying(false);
      }
      player.dirty = true;
    }
    if (player.dirty) {
      player.dirty = false;
      show();
    }
    if (player.playing) schedule();
  });
}

function refresh() {
  player.dirty = true;
  schedule();
}

// ---- what people do --------------------------------------------------------------------------------------------------

function setFollow(follow) {
  view.follow = follow;
  byId("follow").setAttribute("aria-pressed", String(follow));
  refresh();
}

function setHeading(up) {
  view.headingUp = up;
  byId("heading").setAttribute("aria-pressed", String(up));
  refresh();
}

function zoom(factor) {
  view.zoom(factor);
  refresh();
}

function jumpRun(step) {
  const at = lastBefore(runs.length, (i) => runs[i].from, player.time + 1e-6);
  const next = step > 0 ? at + 1 : player.time > (runs[at] ? runs[at].from : 0) + 0.3 ? at : at - 1;
  if (runs[next]) jump(runs[next].from);
}

byId("play").addEventListener("click", () => setPlaying(!player.playing));
byId("slider").max = String(drive.duration);
byId("slider").addEventListener("input", (event) => jump(Number(event.target.value)));
byId("rate").addEventListener("change", (event) => {
  player.rate = Number(event.target.value);
});
byId("zoom-in").addEventListener("click", () => zoom(1.4));
byId("zoom-out").addEventListener("click", () => zoom(1 / 1.4));
byId("follow").addEventListener("click", () => setFollow(!view.follow));
byId("heading").addEventListener("click", () => setHeading(!view.headingUp));
byId("language").addEventListener("click", () => {
  language.index = 1 - language.index;
  makeText();
});

// A page that holds two reports plays and turns both.
window.addEventListener("message", (event) => {
  if (event.source !== window.parent || !event.data) return;
  if (event.data.causeway === "play") {
    jump(event.data.time);
    setPlaying(true);
  } else if (event.data.causeway === "language") {
    language.index = event.data.index;
    makeText();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const onControl = event.target.closest && event.target.closest("button, input, select, a");
  const step = event.shiftKey ? 1 : 0.1;
  const actions = {
    " ": () => setPlaying(!player.playing),
    ArrowLeft: () => jump(player.time - step),
    ArrowRight: () => jump(player.time + step),
    Home: () => jump(0),
    End: () => jump(drive.duration),
    "[": () => jumpRun(-1),
    "]": () => jumpRun(1),
    "+": () => zoom(1.25),
    "=": () => zoom(1.25),
    "-": () => zoom(0.8),
    f: () => setFollow(!view.follow),
    h: () => setHeading(!view.headingUp),
  };
  const native = [" ", "ArrowLeft", "ArrowRight", "Home", "End"];
  if (!actions[event.key] || (onControl && native.includes(event.key))) return;
  event.preventDefault();
  actions[event.key]();
});

const pointers = new Map();
view.canvas.addEventListener("pointerdown", (event) => {
  view.canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
});
view.canvas.addEventListener("pointermove", (event) => {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  const now = [event.clientX, event.clientY];
  if (pointers.size === 1) {
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    if (view.follow && Math.hypot(dx, dy) < 3) return;
    if (view.follow) setFollow(false);
    view.pan(dx, dy);
  } else {
    const other = [...pointers.entries()].find(([id]) => id !== event.pointerId)[1];
    const apart = (a) => Math.max(10, Math.hypot(a[0] - other[0], a[1] - other[1]));
    view.zoom(apart(now) / apart(before));
  }
  pointers.set(event.pointerId, now);
  refresh();
});
for (const kind of ["pointerup", "pointercancel"]) view.canvas.addEventListener(kind, (event) => pointers.delete(event.pointerId));
view.canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * 0.0015));
}, { passive: false });

function resize() {
  view.resize();
  resizePlots();
  refresh();
}

dark.addEventListener("change", () => {
  palette = palettes[dark.matches ? "dark" : "light"];
  resize();
});

makePlots(byId("charts"), jump);
makeText();
new ResizeObserver(resize).observe(document.querySelector("main"));
resize();
