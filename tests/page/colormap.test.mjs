import assert from "node:assert/strict";
import { test } from "node:test";

import {
  colorTable,
  inkOn,
  luminance,
  oklch,
  rampColor,
} from "../../dashboard/gridworld_dashboard/assets/lib/board/colormap.mjs";

const RAMPS = ["value", "cool", "diverging"];
const SCHEMES = [
  ["light", -1],
  ["dark", 1],
];

/** Lightness of CIELAB, an independent yardstick of what looks light. */
function lightness(rgb) {
  const y = luminance(rgb);
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

/** About what people without green cones see (Machado et al. 2009, deuteranopia). */
function deuteranope([r, g, b]) {
  return [
    0.367322 * r + 0.860646 * g - 0.227968 * b,
    0.280085 * r + 0.672501 * g + 0.047413 * b,
    -0.01182 * r + 0.04294 * g + 0.968881 * b,
  ];
}

test("grey has no hue, and white and black are where they belong", () => {
  assert.deepEqual(oklch(1, 0, 0), [255, 255, 255]);
  assert.deepEqual(oklch(0, 0, 0), [0, 0, 0]);
});

test("equal steps of value are about equal steps of lightness", () => {
  for (const [scheme, sign] of SCHEMES) {
    for (const ramp of RAMPS) {
      // The arms of the diverging ramp are checked one by one.
      const arms = ramp === "diverging" ? [[0.5, 0], [0.5, 1]] : [[0, 1]];
      for (const [from, to] of arms) {
        const steps = Array.from({ length: 9 }, (_, i) =>
          lightness(rampColor(ramp, from + (i / 8) * (to - from), scheme)),
        );
        const up = ramp === "value" ? 1 : sign;
        const differences = steps.slice(1).map((value, i) => up * (value - steps[i]));
        const mean = differences.reduce((a, b) => a + b) / differences.length;
        for (const difference of differences) {
          assert.ok(difference > 0.6 * mean, `${scheme} ${ramp}: ${differences.join(" ")}`);
          assert.ok(difference < 1.4 * mean, `${scheme} ${ramp}: ${differences.join(" ")}`);
        }
      }
    }
  }
});

test("the diverging ramp is symmetric in lightness, and its arms differ for all eyes", () => {
  for (const [scheme] of SCHEMES) {
    for (let i = 1; i <= 8; i++) {
      const below = rampColor("diverging", 0.5 - i / 16, scheme);
      const above = rampColor("diverging", 0.5 + i / 16, scheme);
      assert.ok(Math.abs(lightness(below) - lightness(above)) < 4.5, `${scheme} ${i}`);
      if (i < 3) continue;
      for (const eyes of [(c) => c, deuteranope]) {
        const [r1, , b1] = eyes(below);
        const [r2, , b2] = eyes(above);
        assert.ok(b1 - b2 > 20 && r2 - r1 > 10, `${scheme} ${i}: ${below} / ${above}`);
      }
    }
    const [r, g, b] = rampColor("diverging", 0.5, scheme);
    assert.ok(Math.max(r, g, b) - Math.min(r, g, b) < 8, "its middle is a grey");
  }
});

test("the table keeps byte 0 transparent and spans the ramp with 1 to 255", () => {
  const { pixels, css, ink } = colorTable("value", "light");
  const bytes = new Uint8Array(pixels.buffer);
  assert.equal(bytes[3], 0);
  assert.deepEqual([...bytes.slice(4, 8)], [...rampColor("value", 0, "light"), 255]);
  assert.deepEqual([...bytes.slice(4 * 255)], [...rampColor("value", 1, "light"), 255]);
  assert.equal(css[255], `rgb(${rampColor("value", 1, "light").join(" ")})`);
  assert.equal(ink[255], inkOn(rampColor("value", 1, "light")));
  assert.equal(colorTable("value", "light").pixels, pixels, "made once");
});

test("numbers on every colour of the map have a contrast of 4.5 to 1 or more", () => {
  for (const [scheme] of SCHEMES) {
    for (const ramp of RAMPS) {
      for (let i = 0; i <= 254; i++) {
        const color = rampColor(ramp, i / 254, scheme);
        const ground = luminance(color);
        const ink = inkOn(color) === "#fff" ? 1 : 0;
        const contrast = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
        assert.ok(contrast >= 4.5, `${scheme} ${ramp} ${i}: ${contrast}`);
      }
    }
  }
});

test("values look alike in both schemes, 0 keeps its colour, and none is near the red of pits", () => {
  assert.deepEqual([...colorTable("value", "light").pixels], [...colorTable("value", "dark").pixels]);
  assert.equal(new Set(["light", "dark"].map((s) => String(rampColor("value", 0.5, s)))).size, 1);
  for (let i = 0; i <= 20; i++) {
    const [r, g, b] = rampColor("value", i / 20, "light");
    assert.ok(r < Math.max(g, b), `${i}: ${r} ${g} ${b}`);
  }
});
