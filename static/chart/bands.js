// Draws the bands of gaps behind the candles.

/**
 * @import { IChartApi, ISeriesPrimitive, Logical, SeriesAttachedParameter, Time } from "lightweight-charts"
 * @import { CanvasRenderingTarget2D } from "fancy-canvas"
 * @import { Band } from "./types.d.ts"
 */

/** @typedef {{band: string, line: string}} Shades */

/**
 * A primitive of the library, which calls it whenever the axis moves.
 * @implements {ISeriesPrimitive<Time>}
 */
export class Bands {
  /** @type {IChartApi | undefined} */
  #chart;
  /** @type {(() => void) | undefined} */
  #update;
  /** @type {Band[]} */
  #bands = [];
  /** @type {{missing: Shades, failed: Shades}} */
  #colours = { missing: { band: "", line: "" }, failed: { band: "", line: "" } };

  /** @param {SeriesAttachedParameter<Time>} parameters */
  attached({ chart, requestUpdate }) {
    this.#chart = /** @type {IChartApi} */ (chart);
    this.#update = requestUpdate;
  }

  /**
   * @param {Band[]} bands
   * @param {{missing: Shades, failed: Shades}} colours
   */
  show(bands, colours) {
    this.#bands = bands;
    this.#colours = colours;
    this.#update?.();
  }

  paneViews() {
    const draw = (/** @type {CanvasRenderingTarget2D} */ target) => this.#draw(target);
    return [{ zOrder: () => /** @type {const} */ ("bottom"), renderer: () => ({ draw }) }];
  }

  /** @param {CanvasRenderingTarget2D} target */
  #draw(target) {
    const scale = this.#chart?.timeScale();
    const range = scale?.getVisibleLogicalRange();
    if (!scale || !range) return;
    const seen = this.#bands.filter(({ from, to }) => to >= range.from - 1 && from <= range.to + 1);
    const spacing = scale.options().barSpacing;
    target.useBitmapCoordinateSpace(({ context, bitmapSize, horizontalPixelRatio }) => {
      for (const { gap, from, to, isLine } of seen) {
        const middle = scale.logicalToCoordinate(/** @type {Logical} */ (from)) ?? 0;
        const width = isLine ? 1.5 : Math.max(1.5, (to - from + 1) * spacing);
        context.fillStyle = this.#colours[gap.has_failed ? "failed" : "missing"][isLine ? "line" : "band"];
        const x = Math.round((middle - spacing / 2) * horizontalPixelRatio);
        context.fillRect(x, 0, Math.max(1, Math.round(width * horizontalPixelRatio)), bitmapSize.height);
      }
    });
  }
}
