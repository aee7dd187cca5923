// What the vendored libraries put on window, for the type checker. They are classic scripts; nothing of ours is global.

import type * as Charts from "lightweight-charts";

interface Htmx {
  trigger(element: Element, event: string): void;
}

interface IdiomorphLibrary {
  defaults: {
    callbacks: { beforeAttributeUpdated?: (name: string, node: Element, change: "update" | "remove") => boolean };
  };
}

declare global {
  interface Window {
    LightweightCharts?: typeof Charts;
    Idiomorph?: IdiomorphLibrary;
    htmx: Htmx;
  }
}
