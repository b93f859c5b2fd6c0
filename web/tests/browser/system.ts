/* system - a running daybook of real processes for one test file, in a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../../..");
const BIN = process.env["DAYBOOK_BIN"] ?? join(ROOT, "build/bin");
const READY = "daybook is ready";
const START_MS = 120_000;
const END_MS = 30_000;

/** The first true value of `condition`; fails naming `what` when none comes in time. */
export async function until<T>(what: string, condition: () => T | Promise<T>, limitMs = 90_000) {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > endMs) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

interface Process {
  pid: number;
  name: string;
}

export class System {
  private readonly folder = mkdtempSync(join(tmpdir(), "daybook-"));
  private readonly data = join(this.folder, "data");
  private readonly log = join(this.folder, "up.log");
  private up: ChildProcess | null = null;
  url = "";

  /** `config`: what differs from etc/daybook.conf. `slow`: "rules:50", as DAYBOOK_SLOW_MS. */
  static async start(options: { config?: string; slow?: string } = {}): Promise<System> {
    const system = new System();
    const args = ["up", "--data", system.data, "--listen", "127.0.0.1:0"];
    if (options.config) {
      const path = join(system.folder, "daybook.conf");
      writeFileSync(path, options.config);
      args.push("--config", path);
    }
    const env: NodeJS.ProcessEnv = { ...process.env };
    delete env["DAYBOOK_CONFIG"];
    if (options.slow) env["DAYBOOK_SLOW_MS"] = options.slow;
    system.up = spawn(join(BIN, "daybook"), args, { env, stdio: ["ignore", "pipe", "pipe"] });
    const log = createWriteStream(system.log);
    system.up.stdout?.pipe(log);
    system.up.stderr?.pipe(log);
    await until("daybook is ready", () => system.isReady(), START_MS);
    const port = readFileSync(join(system.data, "run/http.port"), "utf8").trim();
    system.url = `http://127.0.0.1:${port}`;
    return system;
  }

  get logs(): string {
    return existsSync(this.log) ? readFileSync(this.log, "utf8") : "";
  }

  private isReady(): boolean {
    if (this.up?.exitCode !== null) throw new Error(`up ended with ${this.up?.exitCode}\n${this.logs}`);
    return this.logs.includes(READY);
  }

  /** Every process of this system: its data folder is in their arguments. */
  processes(): Process[] {
    const found: Process[] = [];
    for (const entry of readdirSync("/proc")) {
      if (!/^\d+$/.test(entry)) continue;
      try {
        const args = readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0");
        if (args.includes(this.data)) found.push({ pid: Number(entry), name: basename(args[0] ?? "") });
      } catch {
        /* it has ended meanwhile */
      }
    }
    return found;
  }

  /** Ends the process of a stage, or the broker, as a crash would; its supervisor starts another. */
  kill(name: string) {
    const found = this.processes().filter((one) => one.name === `daybook-${name}`);
    if (found.length === 0) throw new Error(`no daybook-${name} runs`);
    for (const { pid } of found) process.kill(pid, "SIGKILL");
  }

  async stop() {
    this.up?.kill("SIGTERM");
    try {
      await until("daybook has ended", () => this.processes().length === 0, END_MS);
    } finally {
      for (const { pid } of this.processes()) process.kill(pid, "SIGKILL");
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}
