"use strict";
// Reasons tested by intervention: their verdicts on a timeline, and the world with and without a cause, side by side.

const tests = (data.why && data.why.decisions) || [];
const verdictColors = { tested_true: "#2f9e44", joint: "#1971c2", sight_only: "#e67700", refuted: "#e03131", missed: "#9c36b5", untested: "#868e96", not_testable: "#868e96" };
const gravity = ["refuted", "missed", "sight_only", "joint", "tested_true", "not_testable", "untested"];
const told = (said) => (said ? said[language.index === 1 ? "ko" : "en"] : "");
// Candidates that are told: the named ones, and those that change the decision.
const toldOf = (test) => (test.candidates || []).filter((item) => item.named || item.verdict !== "no_cause");
const worst = (test) => gravity.find((verdict) => toldOf(test).some((item) => item.verdict === verdict)) || "untested";
const film = { test: null, item: null, start: 0, running: false };

function drawFilm(canvas, test, frames, frame, gone) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = canvas.clientWidth * ratio;
  canvas.height = canvas.clientHeight * ratio;
  const pen = canvas.getContext("2d");
  const at = drive.state(drive.ego, test.time_s);
  const rows = frames[Math.min(frame, frames.length - 1)] || [];
  const ego = rows.find((row) => row[0] === drive.ego);
  if (!at || !ego) return;
  const scale = 5 * ratio;
  pen.fillStyle = palette.land;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  // The ego drives upwards from the lower third.
  pen.setTransform(scale, 0, 0, -scale, canvas.width / 2, canvas.height * 0.72);
  pen.rotate(Math.PI / 2 - ego[3]);
  pen.translate(-(at.x + ego[1]), -(at.y + ego[2]));
  for (const layer of layers) {
    if (layer.kind <= ROAD) {
      pen.fillStyle = palette.surfaces[layer.kind];
      pen.fill(layer.path);
    } else if (layer.kind === LINE || layer.kind === STOP) {
      pen.strokeStyle = palette.marks[0];
      pen.lineWidth = 0.15;
      pen.setLineDash(layer.off > 0 ? [layer.on, layer.off] : []);
      pen.stroke(layer.path);
      pen.setLineDash([]);
    }
  }
  for (const [index, x, y, heading] of rows) {
    const actor = drive.actors[index];
    if (!actor) continue;
    pen.save();
    pen.translate(at.x + x, at.y + y);
    pen.rotate(heading);
    pen.fillStyle = index === drive.ego ? "#1c7ed6" : index === gone ? "#e03131" : "#adb5bd";
    pen.strokeStyle = palette.edge;
    pen.lineWidth = 0.15;
    pen.beginPath();
    pen.rect(-actor.length / 2, -actor.width / 2, actor.length, actor.width);
    pen.fill();
    pen.stroke();
    pen.restore();
  }
}

function showFilm() {
  if (!film.item || !document.getElementById("film-with")) {
    film.running = false;
    return;
  }
  const frames = film.test.film;
  const frame = Math.floor(((performance.now() - film.start) / 1000 / film.test.film_step_s) % (frames.length + 5));
  drawFilm(document.getElementById("film-with"), film.test, frames, frame, film.item.actor);
  drawFilm(document.getElementById("film-without"), film.test, film.item.film, frame, film.item.actor);
  requestAnimationFrame(showFilm);
}

function playFilm(test, item) {
  film.test = test;
  film.item = item;
  film.start = performance.now();
  byId("film").hidden = false;
  byId("film-title").textContent = told(item.words);
  if (!film.running) {
    film.running = true;
    showFilm();
  }
  byId("film").scrollIntoView({ block: "nearest" });
}

function showTest(test) {
  jump(test.time_s);
  byId("film").hidden = true;
  film.item = null;
  byId("test").replaceChildren(
    element("p", {}, element("time", {}, clockText(test.time_s)), " ", told(test.words)),
    ...(test.not_testable ? [element("p", {}, told(test.not_testable))] : []),
    element("ul", {}, ...toldOf(test).map((item) => {
      const dot = element("i");
      dot.style.background = verdictColors[item.verdict] || "#868e96";
      const shown = test.film && item.film;
      return element("li", {}, dot, shown
        ? element("button", { type: "button", class: "link", onclick: () => playFilm(test, item) }, told(item.words))
        : told(item.words));
    })),
  );
}

function makeTests() {
  byId("tests").hidden = tests.length === 0;
  if (tests.length === 0) return;
  document.querySelector("[data-word=reasons]").textContent = say("reasonsTested");
  const span = Math.max(drive.duration, 1e-3);
  byId("verdicts").replaceChildren(...tests.map((test, i) => {
    const to = i + 1 < tests.length ? tests[i + 1].time_s : drive.duration;
    const verdict = worst(test);
    const button = element("button", {
      type: "button",
      title: `${clockText(test.time_s)}: ${told(test.words)}`,
      "aria-label": `${clockText(test.time_s)}: ${told(test.words)} ${say(verdict)}`,
      onclick: () => showTest(test),
    });
    button.style.left = `${test.time_s / span * 100}%`;
    button.style.width = `${Math.max(0.4, (to - test.time_s) / span * 100)}%`;
    button.style.background = verdictColors[verdict];
    return button;
  }));
  byId("verdict-legend").replaceChildren(...gravity.filter((verdict) => tests.some((test) => worst(test) === verdict)).map((verdict) => {
    const dot = element("i");
    dot.style.background = verdictColors[verdict];
    return element("li", {}, dot, say(verdict));
  }));
  byId("film").hidden = true;
  byId("test").replaceChildren(element("p", {}, say("chooseTest")));
}
