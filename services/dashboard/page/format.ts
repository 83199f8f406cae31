const whole = new Intl.NumberFormat("en");
const dayTime = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC",
  day: "2-digit",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

export const formatCount = (count: number) => whole.format(count);

/** Four digits that matter. */
export function formatValue(value: number, unit = ""): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const digits = size >= 1_000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 4;
  const text = new Intl.NumberFormat("en", { maximumFractionDigits: digits }).format(value);
  return unit === "" ? text : `${text} ${unit}`;
}

/** Event times are shown in UTC, so that everybody talks about the same ones. */
export const formatTime = (ts: number) => dayTime.format(ts);

export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  return `${Math.floor(seconds / 3_600)} h ago`;
}

export function formatDuration(ms: number): string {
  if (ms % 86_400_000 === 0) return `${ms / 86_400_000} d`;
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return `${ms / 1_000} s`;
}
