const units: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/**
 * Bytes as a person writes them: `512m`, `8g`, `20GiB`, `1048576`.
 *
 * @returns undefined when the text is no size
 */
export function readSize(text: string): number | undefined {
  const [, count, unit = ""] = /^([1-9]\d{0,11})([kmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  return count === undefined ? undefined : Number(count) * (units[unit.toLowerCase()] ?? 1);
}

/** `3.2 GiB`, `512 MiB`, `0 B`. */
export function tellSize(bytes: number): string {
  const names = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), names.length - 1);
  const value = bytes / 2 ** (10 * power);
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${names[power]}`;
}
