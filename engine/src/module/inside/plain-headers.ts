/**
 * `Headers` for the SDK's client of GraphQL, which sends its requests by node-fetch. Node's own ones need all of undici,
 * which takes longer to load than the request. Whatever is called `Headers` counts as one here, also Node's own.
 */
import { Headers as SentHeaders } from "node-fetch";

export class Headers extends SentHeaders {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return Object.prototype.toString.call(value) === "[object Headers]";
  }
}
