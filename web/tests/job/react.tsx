/* react - renders into the page under fake timers. */
import { type ReactNode, act } from "react";
import { type Root, createRoot } from "react-dom/client";
import { vi } from "vitest";

(globalThis as Record<string, unknown>)["IS_REACT_ACT_ENVIRONMENT"] = true;

let root: Root | null = null;
let box: HTMLElement | null = null;

export async function render(node: ReactNode): Promise<HTMLElement> {
  if (!box || !root) {
    box = document.body.appendChild(document.createElement("div"));
    root = createRoot(box);
  }
  await act(async () => root?.render(node));
  return box;
}

export async function unmount() {
  await act(async () => root?.unmount());
  box?.remove();
  root = box = null;
}

export async function pass(ms: number) {
  await act(async () => {
    await vi.advanceTimersByTimeAsync(ms);
  });
}

export async function click(element: Element | null | undefined) {
  if (!(element instanceof HTMLElement)) throw new Error("there is nothing to click");
  await act(async () => {
    element.focus();
    element.click();
  });
}

export async function press(key: string) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true });
  await act(async () => document.activeElement?.dispatchEvent(event));
}

export function show(state: "visible" | "hidden") {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  document.dispatchEvent(new Event("visibilitychange"));
}
