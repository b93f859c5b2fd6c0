/* setup - files share a process and its document (a third of the time): each test leaves it empty. */
import { afterEach } from "vitest";
import { leave } from "./books/page";

if (typeof document !== "undefined") afterEach(leave);
