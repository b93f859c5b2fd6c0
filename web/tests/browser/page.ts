/* page - the dashboard in Chromium, watched: an error of a script, something that the page's policy
 * forbids or a call to anybody but daybook fails the test that caused it. */
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, type Page, chromium } from "playwright-core";
import { expect } from "vitest";

const CHROMIUM = "/usr/bin/chromium";
/* Root has no sandbox in a container; what is loaded is our own. */
const ARGS = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const PATIENCE_MS = 60_000;

export const who = { tenant: "t1", company: "acme" };

export class Visitor {
  private readonly faults: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly url: string,
  ) {}

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    return Visitor.of(await context.newPage(), url);
  }

  static of(page: Page, url: string): Visitor {
    const visitor = new Visitor(page, url);
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => visitor.faults.push(`a script failed: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") visitor.faults.push(`console: ${message.text()}`);
    });
    page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== url && protocol !== "data:" && protocol !== "blob:")
        visitor.faults.push(`a request to ${request.url()}`);
    });
    return visitor;
  }

  address(path: string, query: Record<string, string> = {}): string {
    return `${this.url}/dashboard/${path}?${new URLSearchParams({ ...who, ...query }).toString()}`;
  }

  async go(path: string, query: Record<string, string> = {}) {
    await this.page.goto(this.address(path, query));
    await this.page.locator("main h1").first().waitFor();
    await this.page.locator("[aria-busy=true]").waitFor({ state: "detached" }).catch(() => undefined);
  }

  async sees(text: string | RegExp) {
    await this.page.getByText(text).first().waitFor();
  }

  /** Chooses the file and starts its job; gives the job's id. */
  async upload(file: { name: string; text: string }): Promise<string> {
    await this.go("upload");
    await this.choose(file);
    await this.page.getByRole("button", { name: /^Start/ }).click();
    await this.page.waitForURL(/background-jobs\/job_/);
    return new URL(this.page.url()).pathname.split("/").at(-1) ?? "";
  }

  async choose({ name, text }: { name: string; text: string }) {
    const buffer = Buffer.from(text);
    await this.page.setInputFiles("input[type=file]", { name, mimeType: "text/csv", buffer });
  }

  async completes() {
    await this.page.locator('.dbk-job[data-status="complete"]').waitFor();
  }

  /** What axe-core finds in the page as it is now. */
  async axe(): Promise<string[]> {
    await this.page.evaluate(axe.source);
    const found = await this.page.evaluate(async () => {
      const run = (window as unknown as { axe: typeof import("axe-core") }).axe;
      const { violations } = await run.run(document);
      return violations.flatMap(({ id, help, nodes }) =>
        nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 200)}`),
      );
    });
    return found;
  }

  /** Nothing went wrong that nobody asked for; `expected`: what the test itself provoked. */
  behaved(expected: RegExp = /^$/) {
    expect(this.faults.filter((fault) => !expected.test(fault))).toEqual([]);
  }

  async close() {
    await this.page.context().close();
  }
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGS });
}
