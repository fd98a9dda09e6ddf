/** The width of every picture, in px: it is readable in a column of 700. */
export const WIDTH = 720;

/** Colours by role, for a light and a dark page. */
const COLORS = {
  paper: ["#ffffff", "#0d1117"],
  panel: ["#f6f8fa", "#161b22"],
  line: ["#d1d9e0", "#3d444d"],
  ink: ["#1f2328", "#f0f6fc"],
  dim: ["#59636e", "#9198a1"],
  blue: ["#0969da", "#4493f8"],
  green: ["#1a7f37", "#3fb950"],
  amber: ["#bc7a00", "#d29922"],
  red: ["#d1242f", "#f85149"],
} as const;
type Color = keyof typeof COLORS;

const variables = (theme: 0 | 1) =>
  Object.entries(COLORS)
    .map(([name, themes]) => `--${name}:${themes[theme]}`)
    .join(";");

const STYLE = [
  `svg{${variables(0)};font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}`,
  `@media(prefers-color-scheme:dark){svg{${variables(1)}}}`,
  "text{fill:var(--ink);font-size:14px}",
  ".small{font-size:12px}.bold{font-weight:600}.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:12.5px}",
  ...Object.keys(COLORS).map((name) => `.${name}{fill:var(--${name})}.s-${name}{stroke:var(--${name})}`),
].join("\n");

/** A whole picture. */
interface Picture {
  height: number;
  /** What it is, in a few words. */
  title: string;
  /** All that it says, for those who do not see it. */
  description: string;
  body: readonly string[];
  /** Default: that of every picture. */
  width?: number;
  /** Rules beside those of every picture. Default: none. */
  style?: string;
}

/** An SVG file with its own text alternative, and colours that follow the reader's. */
export function svg({ width = WIDTH, height, title, description, body, style = "" }: Picture): string {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<desc id="description">${escapeXml(description)}</desc>`,
    `<style>${STYLE}${style && `\n${style}`}</style>`,
    `<rect class="paper s-line" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...body,
    "</svg>",
  ].join("\n")}\n`;
}

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** A place, and how wide and high something there is, in px. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** @param className names of colours and of text styles. Default: plain text. */
export function text(
  x: number,
  y: number,
  content: string,
  className = "",
  anchor: "start" | "middle" | "end" = "start",
): string {
  const attributes = `${className && ` class="${className}"`}${anchor === "start" ? "" : ` text-anchor="${anchor}"`}`;
  return `<text x="${round(x)}" y="${round(y)}"${attributes}>${escapeXml(content)}</text>`;
}

export function box({ x, y, width, height }: Box, className: string, radius = 3): string {
  return `<rect class="${className}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}"/>`;
}

/** A line through points, `x,y x,y …`; `arrow` gives it a head. */
export function line(points: string, color: Color = "dim", { arrow = false, dashed = false } = {}): string {
  const dashes = dashed ? ' stroke-dasharray="4 3"' : "";
  const drawn = `<path class="s-${color}" d="M${points}" fill="none" stroke-width="1.5"${dashes}/>`;
  const [from, to] = points.split(" ").slice(-2);
  return arrow && from && to ? drawn + head(from, to, color) : drawn;
}

/** The head of an arrow between two points. */
function head(from: string, to: string, color: Color): string {
  const [fromX = 0, fromY = 0, x = 0, y = 0] = `${from},${to}`.split(",").map(Number);
  const angle = Math.atan2(y - fromY, x - fromX);
  const corner = (turn: number) =>
    `${round(x - 8 * Math.cos(angle + turn))} ${round(y - 8 * Math.sin(angle + turn))}`;
  return `<path class="${color}" d="M${round(x)} ${round(y)}L${corner(0.45)}L${corner(-0.45)}Z"/>`;
}

export const round = (value: number): number => Math.round(value * 10) / 10;
