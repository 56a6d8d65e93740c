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
    return (
      `<line class="${kind}" x1="${x}" x2="${x}" y1="${TOP}" y2="${height}"/>` +
      `<text class="middle quiet" x="${x}" y="${TOP - 8}">${escape(label)}</text>`
    );
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
  const parts: string[] = [];
  let y = TOP + 4;
  for (const group of all) {
    const end = y + group.bars.length * THIN;
    const x = round(LEFT + group.goal * scale);
    parts.push(`<text class="end" x="${LEFT - 12}" y="${y + 11}">${escape(group.label)}</text>`);
    group.bars.forEach((bar, i) => parts.push(thin(bar, y + i * THIN, scale)));
    parts.push(`<line class="goal" x1="${x}" x2="${x}" y1="${y - 3}" y2="${end + 3}"/>`);
    y = end + GROUP_GAP;
  }
  for (let times = 1; times <= most; times++) {
    const x = round(LEFT + times * scale);
    const kind = times === 1 ? "limit" : "rule";
    const name = times === 1 ? "must" : `${times} x`;
    parts.push(`<line class="${kind}" x1="${x}" x2="${x}" y1="${TOP - 4}" y2="${y}"/>`);
    parts.push(`<text class="middle quiet" x="${x}" y="${TOP - 10}">${name}</text>`);
  }
  return svg(title, y, parts);
}

function thin(bar: Group["bars"][number], y: number, scale: number): string {
  const width = round(bar.value * scale);
  const name = bar.label === "ours" ? ' class="strong"' : ' class="quiet"';
  const text = `${bar.label} ${bar.note}`;
  return (
    `<rect x="${LEFT}" y="${y}" width="${width}" height="${THIN}" ` +
    `style="fill:var(--${bar.color})"><title>${escape(text)}</title></rect>` +
    `<text${name} x="${round(LEFT + width + 6)}" y="${y + 11}">${escape(text)}</text>`
  );
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
