/**
 * The last part of a path or of a text, as a name: `services/My_API` → `my-api`, `@acme/Order_Service` → `order-service`,
 * `Größe` → `grosse`.
 * Empty when nothing of it can be part of a name.
 */
export function toName(text: string): string {
  const last = text.split("/").at(-1) ?? "";
  // Letters without their marks: ö is o, é is e.
  const plain = last
    .toLowerCase()
    .replaceAll("ß", "ss")
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "");
  const letters = plain.replaceAll(/[^a-z0-9]+/g, "-");
  return letters
    .replace(/^[^a-z]+/, "")
    .slice(0, 31)
    .replace(/-+$/, "");
}
