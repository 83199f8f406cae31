/** The last part of a path, as a name: `services/My_API` → `my-api`. Empty when nothing of it can be part of a name. */
export function nameOfPath(path: string): string {
  return toName(path.split("/").at(-1) ?? "");
}

/** A text as a name: `@acme/Order_Service` → `order-service`. */
export function toName(text: string): string {
  const last = text.split("/").at(-1) ?? "";
  const letters = last.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return letters
    .replace(/^[^a-z]+/, "")
    .slice(0, 31)
    .replace(/-+$/, "");
}
