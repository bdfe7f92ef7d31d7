// Looks at a report in a real Chromium: node look.js PLAYWRIGHT CHROMIUM PAGE.html FOLDER
// Prints a line for all that holds, and ends with 1 and the reasons if something does not. Pictures are left in FOLDER.
"use strict";
const fs = require("fs");
const path = require("path");
const zlib = require("zlib");
const { pathToFileURL } = require("url");

const [playwright, executablePath, file, folder] = process.argv.slice(2);
const { chromium } = require(playwright);
const url = pathToFileURL(file).href;
const faults = [];

function holds(what, is) {
  if (is) console.log(`ok: ${what}`);
  else faults.push(what);
}

/** A page in a browser that has no network. Whatever it asks for or complains of is a fault. */
async function open(browser, options = {}, address = url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  await context.setOffline(true);
  const page = await context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`the console says: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`a script failed: ${error}`));
  page.on("dialog", (dialog) => { faults.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) faults.push(`it asks for ${request.url()}`);
  });
  await page.goto(address);
  return page;
}

/** How many different colours a picture has, or rather bytes: one that is blank has very few. */
function variety(png) {
  const parts = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return new Set(zlib.inflateSync(Buffer.concat(parts))).size;
}

async function picture(page, name) {
  const png = await page.screenshot({ fullPage: true, path: path.join(folder, `${name}.png`) });
  holds(`the picture ${name} is not blank`, png.length > 20_000 && variety(png) > 100);
}

const isInView = (page, selector) => page.$eval(selector, (element) => {
  const box = element.getBoundingClientRect();
  return box.height > 0 && box.top >= 0 && box.top < innerHeight;
});
const isOpen = (page, selector) => page.$eval(selector, (element) => element.closest("details").open);
/** The page comes to rest: scrolling may be smooth. */
const rests = (page) => page.waitForFunction(() => {
  const last = window.lastY;
  window.lastY = scrollY;
  return last === scrollY;
}, null, { polling: 120 });

/** Every text of the page whose contrast is too low, and what else a reader without eyes or hands would miss. */
function audit() {
  const faults = [];
  const parse = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const part = (v) => (v /= 255, v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = parse(getComputedStyle(element).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
      if (colour[3] > 0) throw new Error("a background that lets something through");
    }
    return [255, 255, 255];
  };
  let texts = 0;
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest("svg, .hidden, .skip, script")) continue;
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    if (!element.getClientRects().length) continue;
    texts += 1;
    const [one, other] = [light(parse(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (other + 0.05);
    if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(2)} of <${element.localName} class="${element.className}"> ${element.textContent.trim().slice(0, 40)}`);
  }
  if (texts < 50) faults.push(`only ${texts} texts were looked at`);
  if (document.documentElement.lang !== "en") faults.push("the page has no language");
  if (!document.title.trim()) faults.push("the page has no title");
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const own = Number(heading.localName[1]);
    if (own > level + 1) faults.push(`a heading of level ${own} after one of ${level}: ${heading.textContent}`);
    level = own;
  }
  if (document.querySelectorAll("h1").length !== 1) faults.push("there is not one h1");
  for (const landmark of ["header", "nav", "main", "footer"]) {
    if (!document.querySelector(`body > ${landmark}`)) faults.push(`there is no <${landmark}>`);
  }
  const ids = new Set();
  for (const { id } of document.querySelectorAll("[id]")) {
    if (ids.has(id)) faults.push(`two elements have the id ${id}`);
    ids.add(id);
  }
  for (const one of document.querySelectorAll("[aria-labelledby]")) {
    for (const id of one.getAttribute("aria-labelledby").split(" ")) {
      if (!document.getElementById(id)?.textContent.trim()) faults.push(`nothing names <${one.localName}> as ${id}`);
    }
  }
  for (const table of document.querySelectorAll("table")) {
    if (!table.caption?.textContent.trim()) faults.push("a table has no caption");
    if (!table.tHead?.querySelector("th[scope=col]")) faults.push("a table has no headers of columns");
  }
  for (const picture of document.querySelectorAll("img, main svg")) {
    if (!picture.getAttribute("aria-labelledby") && !picture.getAttribute("alt")) faults.push("a picture has no name");
  }
  for (const link of document.querySelectorAll("a[href]")) {
    const target = link.getAttribute("href");
    if (!target.startsWith("#") || !document.getElementById(target.slice(1))) faults.push(`a link leads nowhere: ${target}`);
    if (!link.textContent.trim()) faults.push(`a link has no name: ${target}`);
  }
  for (const time of document.querySelectorAll("time")) {
    if (Number.isNaN(Date.parse(time.dateTime))) faults.push(`a time is none: ${time.dateTime}`);
  }
  // What scrolls can be reached without a mouse.
  for (const box of document.querySelectorAll("pre, .chart")) {
    if (box.tabIndex !== 0 || !box.getAttribute("aria-label")) faults.push("a box that scrolls has no name, or no place in the order of tabs");
  }
  return faults;
}

async function main() {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    let page = await open(browser, { colorScheme: "light" });

    // The worst first: who opens the page sees what failed, and nothing else is unfolded.
    const [folded, unfolded] = [await page.$$("details.step:not([open])"), await page.$$("details.step[open]")];
    holds("steps are folded", folded.length > 2);
    holds("what failed is not", unfolded.length > 0 && await page.$$eval("details.step[open]", (all) => all.every((one) => one.matches(".bad"))));
    holds("the verdict is in sight", await isInView(page, ".verdict"));
    holds("the waiver is told twice, with its reason", (await page.textContent(".mind")).includes("waived") && (await page.textContent(".waiver")).length > 20);

    const node = "svg a[href='#step-answered']";
    holds("the step is folded at first", !await isOpen(page, "#step-answered"));
    await page.click(`${node} .shape`);
    await rests(page);
    holds("a click on a node opens its step", await isOpen(page, "#step-answered"));
    holds("and brings it into view", await isInView(page, "#step-answered"));
    await page.$eval("#step-answered", (element) => { element.closest("details").open = false; scrollTo(0, 0); });
    await rests(page);
    await page.click(`${node} .shape`);
    await rests(page);
    holds("a second click on the same node does, too", await isOpen(page, "#step-answered") && await isInView(page, "#step-answered"));
    await page.click("svg a[href^='#closing-'] text");
    await rests(page);
    holds("a click on a gate leads to its evidence", await page.evaluate(() => document.querySelector(":target")?.matches(".gate")));

    const summary = "details.step:has(#step-prints) > summary";
    await page.focus(summary);
    await page.keyboard.press("Enter");
    holds("a step is opened with the keyboard", await isOpen(page, "#step-prints"));
    await page.click("#step-prints details.printed > summary");
    const printed = await page.$eval("#step-prints pre:not(.command)", (pre) => pre.innerText);
    holds("what was printed is there as text", printed.includes("<script>") && printed.includes("<img src=x"));
    await page.click(summary);
    holds("and folded again", !await isOpen(page, "#step-prints"));
    await page.click("[data-open=true]");
    holds("all are opened", await page.$$eval("details.step", (all) => all.every((one) => one.open)));
    holds("nothing hostile ran", await page.evaluate(() => !window.pwned && !document.querySelector("main img, main iframe, main [onerror], main script")) && !(await page.title()).includes("PWNED"));
    for (const fault of await page.evaluate(audit)) faults.push(`light: ${fault}`);
    await picture(page, "desktop-open");
    await page.click("[data-open=false]");
    holds("all are folded", await page.$$eval("details.step", (all) => all.every((one) => !one.open)));

    const text = await page.locator("body").innerText();
    const pdf = await page.pdf({ format: "A4", path: path.join(folder, "print.pdf") });
    holds("it can be printed", pdf.subarray(0, 5).toString() === "%PDF-");
    holds("printing leaves the page as it was", await page.locator("body").innerText() === text);
    const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const bright = await ground(page);

    page = await open(browser, { colorScheme: "light" });
    await picture(page, "desktop");

    page = await open(browser, { colorScheme: "dark" });
    holds("a dark page is dark", await ground(page) !== bright && await page.evaluate(() => {
      const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
      return r + g + b < 120;
    }));
    await page.click("[data-open=true]");
    for (const fault of await page.evaluate(audit)) faults.push(`dark: ${fault}`);
    await picture(page, "desktop-dark");

    for (const colorScheme of ["light", "dark"]) {
      page = await open(browser, { colorScheme, viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
      await page.click("[data-open=true]");
      for (const fold of await page.$$("details.printed:not([open]) > summary")) await fold.click();
      const [wide, narrow] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      holds(`a phone has nothing to scroll to the side (${wide} in ${narrow}, ${colorScheme})`, wide <= 390 && narrow === 390);
      await picture(page, `phone-${colorScheme}`);
    }
    page = await open(browser, { viewport: { width: 320, height: 640 } });
    await page.click("[data-open=true]");
    holds("neither has a page that is enlarged four times", await page.evaluate(() => document.documentElement.scrollWidth <= 320));

    page = await open(browser, { javaScriptEnabled: false });
    await page.click(`${node} .shape`);
    holds("a click on a node opens its step without a script", await isOpen(page, "#step-answered"));
    holds("buttons that do nothing are not shown", await page.locator(".buttons").isHidden());
    await page.emulateMedia({ media: "print" });
    holds("what is folded is printed without a script", await page.$$eval("details.step .body", (all) => all.every((one) => one.getBoundingClientRect().height > 0)));

    page = await open(browser, { colorScheme: "dark" });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    const fill = await page.$eval("svg .paper", (paper) => getComputedStyle(paper).fill);
    holds(`paper is light though the screen is dark (${fill}, ${await ground(page)})`, fill === "rgb(255, 255, 255)" && await ground(page) === "rgb(255, 255, 255)");

    page = await open(browser, {}, `${url}#step-answered`);
    await rests(page);
    holds("an address that names a step opens it", await isOpen(page, "#step-answered") && await isInView(page, "#step-answered"));
  } finally {
    await browser.close();
  }
  for (const fault of faults) console.error(`not so: ${fault}`);
  process.exitCode = faults.length ? 1 : 0;
}

main().catch((error) => {
  for (const fault of faults) console.error(`not so: ${fault}`);
  console.error(error);
  process.exitCode = 1;
});
