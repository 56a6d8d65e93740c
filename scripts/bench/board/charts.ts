// Charts as SVG inside of the page, and tables. Every chart has a title for who cannot see it, and
// stands beside a table with the same figures; segments carry the table's numbers.

/** A part of a bar; `color` is a variable of page.css. */
export interface Segment {
  label: string;
  value: number;
  color: string;
  /** In the table beside it; null: none. */
  number: number | null;
}

export interface Bar {
  label: string;
  /** At the end of the bar. */
  note: string;
  segments: readonly Segment[];
}

export interface Line {
  at: number;
  label: string;
  kind: "limit" | "goal";
}

const WIDTH = 1000;
const LEFT = 250;
const RIGHT = 90;
const BAR = 26;
const GAP = 12;
const TOP = 24;
const NUMBER_ROOM = 18;

export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

export function swatch(color: string, number: number | null): string {
  return `<span class="swatch" style="background:var(--${color})">${number ?? "&nbsp;"}</span>`;
}

/** Bars of segments on one scale, with lines across all of them. */
export function bars(
  title: string,
  all: readonly Bar[],
  most: number,
  lines: readonly Line[] = [],
) {
  const scale = (WIDTH - LEFT - RIGHT) / most;
  const height = TOP + all.length * (BAR + GAP) + GAP;
  const rows = all.map((bar, i) => row(bar, TOP + GAP + i * (BAR + GAP), scale));
  const across = lines.map(({ at, label, kind }) => {
    const x = round(LEFT + at * scale);
    const text = `<text class="middle quiet" x="${x}" y="${TOP - 8}">${escape(label)}</text>`;
    return upright(kind, x, TOP, height) + text;
  });
  return svg(title, height, [...rows, ...across]);
}

function row({ label, note, segments }: Bar, y: number, scale: number): string {
  const middle = y + BAR / 2 + 5;
  const parts = [`<text class="end" x="${LEFT - 12}" y="${middle}">${escape(label)}</text>`];
  let x = LEFT;
  for (const segment of segments) {
    parts.push(box(segment, x, y, segment.value * scale));
    x += segment.value * scale;
  }
  parts.push(`<text class="strong" x="${round(x + 8)}" y="${middle}">${escape(note)}</text>`);
  return parts.join("");
}

function box({ label, color, number }: Segment, x: number, y: number, width: number): string {
  if (width <= 0) return "";
  const at = `x="${round(x)}" y="${y}" width="${round(width)}" height="${BAR}"`;
  const shape = `<rect ${at} style="fill:var(--${color})"><title>${escape(label)}</title></rect>`;
  if (number === null || width < NUMBER_ROOM) return shape;
  const [cx, cy] = [round(x + width / 2), y + BAR / 2 + 5];
  return `${shape}<text class="on" x="${cx}" y="${cy}">${number}</text>`;
}

/** One group of thin bars for each subject, as multiples of its own limit. */
export interface Group {
  label: string;
  goal: number;
  bars: readonly { label: string; note: string; value: number; color: string }[];
}

const THIN = 13;
const GROUP_GAP = 16;

export function groups(title: string, all: readonly Group[], most: number): string {
  const scale = (WIDTH - LEFT - RIGHT - 120) / most;
  const [shapes, goals, texts]: string[][] = [[], [], []];
  let y = TOP + 4;
  for (const { label, goal, bars: own } of all) {
    const end = y + own.length * THIN;
    texts.push(`<text class="end" x="${LEFT - 12}" y="${y + 11}">${escape(label)}</text>`);
    own.forEach((bar, i) => {
      shapes.push(thinBox(bar, y + i * THIN, scale));
      texts.push(thinText(bar, y + i * THIN, scale));
    });
    goals.push(upright("goal", LEFT + goal * scale, y - 3, end + 3));
    y = end + GROUP_GAP;
  }
  const multiples = Array.from({ length: most }, (_, i) => i + 1);
  for (const times of multiples) {
    const x = round(LEFT + times * scale);
    const name = times === 1 ? "must" : `${times} x`;
    texts.push(`<text class="middle quiet" x="${x}" y="${TOP - 10}">${name}</text>`);
  }
  const rules = multiples.map((t) => upright("rule", LEFT + t * scale, TOP - 4, y));
  const limit = upright("limit", LEFT + scale, TOP - 4, y);
  return svg(title, y, [...rules, ...shapes, limit, ...goals, ...texts]);
}

type ThinBar = Group["bars"][number];

function thinBox({ label, note, value, color }: ThinBar, y: number, scale: number): string {
  const at = `x="${LEFT}" y="${y}" width="${round(value * scale)}" height="${THIN}"`;
  const name = escape(`${label} ${note}`);
  return `<rect ${at} style="fill:var(--${color})"><title>${name}</title></rect>`;
}

function thinText({ label, note, value }: ThinBar, y: number, scale: number): string {
  const kind = label === "ours" ? "strong halo" : "quiet halo";
  const x = round(LEFT + value * scale + 6);
  return `<text class="${kind}" x="${x}" y="${y + 11}">${escape(`${label} ${note}`)}</text>`;
}

function upright(kind: string, x: number, from: number, to: number): string {
  return `<line class="${kind}" x1="${round(x)}" x2="${round(x)}" y1="${from}" y2="${to}"/>`;
}

function svg(title: string, height: number, parts: readonly string[]): string {
  const size = `viewBox="0 0 ${WIDTH} ${Math.ceil(height)}"`;
  const name = escape(title);
  return (
    `<figure class="wide"><svg ${size} role="img" aria-label="${name}">` +
    `<title>${name}</title>${parts.join("")}</svg></figure>`
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Cells are HTML; the first of each row is its heading. `sum`: rows that stand out. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  sum: readonly number[] = [],
): string {
  const heads = head.map((cell) => `<th scope="col">${cell}</th>`).join("");
  const body = rows.map(([first, ...cells], i) => {
    const rest = cells.map((cell) => `<td>${cell}</td>`).join("");
    const kind = sum.includes(i) ? ' class="sum"' : "";
    return `<tr${kind}><th scope="row">${first}</th>${rest}</tr>`;
  });
  return (
    `<div class="wide"><table><caption>${escape(caption)}</caption>` +
    `<thead><tr>${heads}</tr></thead><tbody>${body.join("\n")}</tbody></table></div>`
  );
}
