/* driver - a browser that tests in Python use: a command a line of JSON comes in, an answer a line
 * goes out (browser.py is the other end). A command is a chain of Playwright's own calls on a page,
 * or one of the few below. When its input ends the browser ends with it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const PATIENCE = Number(process.argv[2] ?? 1);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
});
const pages = [];

/* Whatever a page must never do: ask another origin, break the policy, complain, fail. */
function watch(page, origin, wrongs) {
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && !["data:", "blob:"].includes(url.protocol))
      wrongs.push(`asked ${url.href}`);
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()))
      wrongs.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => wrongs.push(`threw ${error.message}`));
  page.on("dialog", (dialog) => {
    wrongs.push(`opened a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
}

/* A page of a context of its own, or one more tab beside page `beside`. */
async function open({ origin, options, beside }) {
  const context =
    beside === undefined
      ? await browser.newContext({ baseURL: origin, acceptDownloads: true, ...options })
      : pages[beside].page.context();
  const page = await context.newPage();
  const wrongs = [];
  page.setDefaultTimeout(15_000 * PATIENCE);
  watch(page, origin, wrongs);
  pages.push({ page, wrongs });
  return pages.length - 1;
}

/* Python sends a pattern as {"$pattern": ..., "$flags": ...}. */
const revive = (_, value) =>
  value && typeof value === "object" && "$pattern" in value
    ? new RegExp(value.$pattern, value.$flags)
    : value;

/* A step that is no function is a property, as page.keyboard. */
async function follow(target, chain) {
  let at = target;
  for (const [name, ...args] of chain) {
    if (at[name] === undefined) throw new Error(`there is no ${name}`);
    at = typeof at[name] === "function" ? await at[name](...args) : at[name];
  }
  return at;
}

async function textOf(download) {
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}

const commands = {
  open,
  call: async ({ page, chain }) => {
    const value = await follow(pages[page].page, chain);
    /* What is no plain value (a response, a page) is of no use on the other side. */
    const plain = value === null || typeof value !== "object" || Array.isArray(value);
    return plain || Object.getPrototypeOf(value) === Object.prototype ? value : null;
  },
  download: async ({ page, chain }) => {
    const begins = pages[page].page.waitForEvent("download");
    await follow(pages[page].page, chain);
    return textOf(await begins);
  },
  /* What axe finds: rule, and the elements it is about. */
  axe: async ({ page, rules }) => {
    const target = pages[page].page;
    if (!(await target.evaluate("'axe' in window"))) await target.evaluate(axe);
    const options = { resultTypes: ["violations"], ...(rules.length > 0 ? { runOnly: rules } : {}) };
    const { violations } = await target.evaluate(`axe.run(${JSON.stringify(options)})`);
    return violations.map((one) => ({
      rule: one.id,
      help: one.help,
      where: one.nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary}`),
    }));
  },
  wrongs: ({ page }) => pages[page].wrongs.splice(0),
  close: ({ page }) => pages[page].page.context().close(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...rest } = JSON.parse(line, revive);
  let answer;
  try {
    answer = { value: (await commands[command](rest)) ?? null };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
