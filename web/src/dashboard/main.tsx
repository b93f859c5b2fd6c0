import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../job/style.css";
import { App } from "./shell/App";
import "./shell/page.css";

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
