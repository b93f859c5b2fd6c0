/* render - a React tree in the test's document, and what a person does with it. */
import { type ReactNode, act } from "react";
import { type Root, createRoot } from "react-dom/client";
import { vi } from "vitest";

declare global {
  // What React's act() looks for.
  var IS_REACT_ACT_ENVIRONMENT: boolean | undefined;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

export class Page {
  readonly box = document.body.appendChild(document.createElement("div"));
  private readonly root: Root = createRoot(this.box);

  show(tree: ReactNode): Promise<void> {
    return act(async () => this.root.render(tree));
  }
  /** Time goes by: answers, timers and frames that fall into it. */
  pass(ms: number): Promise<void> {
    return act(async () => {
      await vi.advanceTimersByTimeAsync(ms);
    });
  }
  find<T extends HTMLElement>(selector: string): T {
    const found = this.box.querySelector<T>(selector);
    if (!found) throw new Error(`no ${selector} in ${this.box.innerHTML}`);
    return found;
  }
  button(name: string): HTMLButtonElement {
    const found = [...this.box.querySelectorAll("button")].find((one) => one.textContent === name);
    if (!found) throw new Error(`no button "${name}" in ${this.box.innerHTML}`);
    return found;
  }
  /** Presses it, and waits for the next frame. */
  async press(name: string): Promise<void> {
    await act(async () => this.button(name).click());
    await this.pass(20);
  }
  async close(): Promise<void> {
    await act(async () => this.root.unmount());
    this.box.remove();
  }
}
