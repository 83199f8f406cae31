import { ApiError } from "./errors.ts";

/** @throws ApiError for what is not an address on the web */
export function parseUrl(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target?.protocol === "http:" || target?.protocol === "https:") return target;
  throw new ApiError(`Get ${JSON.stringify(url)}: unsupported protocol scheme; use http:// or https://`);
}
