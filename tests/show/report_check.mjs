// Opens the report in Chromium as a person would: plays it, drags the slider, clicks the timeline, turns the language,
// at the width of a laptop and of a phone. Screenshots go into the folder that is given.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, page_path, folder] = process.argv.slice(2);
const { chromium } = createRequire(modules + "/package.json")("playwright-core");
const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
const browser = await chromium.launch({
  executablePath,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const url = pathToFileURL(page_path).href;

async function open(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== url && !request.url().startsWith("data:")) faults.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  await page.waitForFunction(() => document.getElementById("clock").textContent.includes("s"));
  return { context, page, faults };
}

const time = (page) => page.evaluate(() => player.time);
const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
// How many different colours the map shows: a blank canvas has one.
const colours = (page) => page.evaluate(() => {
  const { width, height } = view.canvas;
  const pixels = new Uint32Array(ink.getImageData(0, 0, width, height).data.buffer);
  return new Set(pixels.filter((_, i) => i % 7 === 0)).size;
});

async function settle(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

// ---- laptop ----------------------------------------------------------------------------------------------------------
{
  const { context, page, faults } = await open({ viewport: { width: 1366, height: 768 } });
  const duration = await page.evaluate(() => drive.duration);
  assert.ok(duration > 1, "a drive of some length");
  await settle(page);
  assert.ok(await colours(page) > 20, "the map is drawn");
  const labels = await page.evaluate(() => [180, 320, 540, 1200].map((width) => timeStep(width) / drive.duration * width));
  assert.ok(labels.every((apart) => apart >= 64 && apart < 200), "the plots' times stand apart, and near enough to read");
  assert.equal(await time(page), 0);
  assert.equal(await sideways(page), 0, "no scrolling sideways on a laptop");

  // What the evaluator refused, by which clause, with which margin; and what another did against A1.
  await page.evaluate(() => jump(7.8));
  await settle(page);
  const refused = await page.textContent("#refusal");
  assert.match(refused, /^Refused: .*cut in.* \(-0\.4 m, Lorry\)$/);
  assert.deepEqual(await page.$$eval("#words .refused", (all) => all.map((item) => item.textContent)), [refused]);
  assert.deepEqual(await page.$$eval("#words .breach", (all) => all.map((item) => item.textContent)), ["A1 broken: Lorry cuts in"]);
  await page.evaluate(() => jump(12));
  await settle(page);
  assert.equal(await page.textContent("#refusal"), "");
  await page.evaluate(() => jump(0));
  await settle(page);

  // It plays, and stops where it is told to.
  await page.click("#play");
  await page.waitForFunction(() => player.time > 0.4);
  await page.click("#play");
  const stopped = await time(page);
  await settle(page);
  assert.equal(await time(page), stopped, "it stands when paused");
  assert.ok(Math.abs(Number(await page.inputValue("#slider")) - stopped) < 0.2, "the slider moved with it");

  // The slider moves the drive.
  await page.fill("#slider", String(duration / 2));
  await settle(page);
  assert.ok(Math.abs(await time(page) - duration / 2) < 0.05, "the slider seeks");
  await page.screenshot({ path: `${folder}/report-laptop.png` });

  // A click on a decision of the timeline jumps to its beginning and shows its reason.
  const count = await page.locator("#timeline button").count();
  assert.ok(count > 1, "several decisions");
  const target = await page.evaluate(() => runs.reduce((widest, run, i) => (i > 0 && run.to - run.from > runs[widest].to - runs[widest].from ? i : widest), 1));
  await page.locator("#timeline button").nth(target).click();
  await settle(page);
  const from = await page.evaluate((i) => runs[i].from, target);
  assert.ok(Math.abs(await time(page) - from) < 1e-6, "the timeline jumps to the decision");
  assert.equal(await page.locator("#timeline button[aria-current=true]").count(), 1);

  // Keys: the next decision, a step, the end.
  await page.locator("#timeline button").nth(target).press("ArrowLeft");
  assert.ok(await time(page) < from, "arrow keys walk the decisions");
  await page.locator("#map").press("Home");
  assert.equal(await time(page), 0);
  await page.locator("#map").press("Shift+ArrowRight");
  assert.ok(Math.abs(await time(page) - 1) < 1e-6);
  await page.locator("#map").press(" ");
  assert.equal(await page.evaluate(() => player.playing), true);
  await page.locator("#map").press(" ");

  // A reason in the list jumps too, and is the one marked.
  if (await page.locator("#words button").count() > 1) {
    await page.locator("#words button").nth(1).click();
    await settle(page);
    assert.ok(await time(page) > 0, "a reason jumps to its moment");
    assert.equal(await page.locator("#words button[aria-current=true]").count(), 1);
  }

  // A click on a plot seeks.
  const plot = page.locator(".chart canvas").first();
  const size = await plot.boundingBox();
  await plot.click({ position: { x: size.width * 0.75, y: size.height / 2 } });
  assert.ok(Math.abs(await time(page) / duration - 0.75) < 0.02, "a plot seeks");

  // Drag pans and lets go of the ego; the wheel zooms.
  const scale = await page.evaluate(() => view.scale);
  await page.locator("#map").scrollIntoViewIfNeeded();
  const map = await page.locator("#map").boundingBox();
  await page.mouse.move(map.x + 300, map.y + 200);
  await page.mouse.wheel(0, -300);
  await page.waitForFunction((before) => view.scale > before, scale);
  await page.mouse.down();
  await page.mouse.move(map.x + 360, map.y + 240, { steps: 4 });
  await page.mouse.up();
  assert.equal(await page.getAttribute("#follow", "aria-pressed"), "false");
  await page.click("#follow");

  // Korean.
  await page.click("#language");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "ko");
  assert.match(await page.textContent("#reasons h2"), /[가-힣]/);
  await page.fill("#slider", String(duration * 0.85));
  await settle(page);
  await page.screenshot({ path: `${folder}/report-laptop-ko.png`, fullPage: true });
  assert.deepEqual(faults, []);
  await context.close();
}

// ---- laptop, dark ----------------------------------------------------------------------------------------------------
{
  const { context, page, faults } = await open({ viewport: { width: 1366, height: 768 }, colorScheme: "dark" });
  const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
  assert.ok(back.every((value) => value < 60), "dark where dark is asked for");
  await page.evaluate(() => jump(drive.duration * 0.3));
  await settle(page);
  await page.screenshot({ path: `${folder}/report-laptop-dark.png` });
  assert.deepEqual(faults, []);
  await context.close();
}

// ---- phone -----------------------------------------------------------------------------------------------------------
{
  const { context, page, faults } = await open({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true });
  assert.equal(await sideways(page), 0, "no scrolling sideways on a phone");
  await page.tap("#play");
  await page.waitForFunction(() => player.time > 0.2);
  await page.tap("#play");
  await page.evaluate(() => jump(drive.duration * 0.3));
  await settle(page);
  await page.screenshot({ path: `${folder}/report-phone.png`, fullPage: true });
  const small = await page.evaluate(() => [...document.querySelectorAll("#controls button, #zoom button, #language, select")]
    .map((item) => item.getBoundingClientRect()).filter((size) => size.height < 30).length);
  assert.equal(small, 0, "controls are large enough for a finger");
  assert.deepEqual(faults, []);
  await context.close();
}

await browser.close();
console.log("the report plays, seeks, jumps and fits");
