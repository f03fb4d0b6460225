import assert from "node:assert/strict";
import { test } from "node:test";

import { heatColor, heatTable, inkOn, luminance, oklch } from "../../dashboard/gridworld_dashboard/assets/lib/colormap.mjs";

/** Lightness of CIELAB, an independent yardstick of what looks light. */
function lightness(rgb) {
  const y = luminance(rgb);
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

test("grey has no hue, and white and black are where they belong", () => {
  assert.deepEqual(oklch(1, 0, 0), [255, 255, 255]);
  assert.deepEqual(oklch(0, 0, 0), [0, 0, 0]);
});

test("equal steps of value are about equal steps of lightness", () => {
  for (const [scheme, sign] of [["light", -1], ["dark", 1]]) {
    const steps = Array.from({ length: 9 }, (_, i) => lightness(heatColor(i / 8, scheme)));
    const differences = steps.slice(1).map((value, i) => sign * (value - steps[i]));
    const mean = differences.reduce((a, b) => a + b) / differences.length;
    for (const difference of differences) {
      assert.ok(difference > 0.6 * mean, `${scheme}: ${differences.join(" ")}`);
      assert.ok(difference < 1.4 * mean, `${scheme}: ${differences.join(" ")}`);
    }
  }
});

test("the table keeps byte 0 transparent and spans the ramp with 1 to 255", () => {
  const bytes = new Uint8Array(heatTable("light").buffer);
  assert.equal(bytes[3], 0);
  assert.deepEqual([...bytes.slice(4, 8)], [...heatColor(0, "light"), 255]);
  assert.deepEqual([...bytes.slice(4 * 255)], [...heatColor(1, "light"), 255]);
});

test("numbers on every colour of the map have a contrast of 4.5 to 1 or more", () => {
  for (const scheme of ["light", "dark"]) {
    for (let i = 0; i <= 254; i++) {
      const ground = luminance(heatColor(i / 254, scheme));
      const ink = inkOn(heatColor(i / 254, scheme)) === "#fff" ? 1 : 0;
      const contrast = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
      assert.ok(contrast >= 4.5, `${scheme} ${i}: ${contrast}`);
    }
  }
});
