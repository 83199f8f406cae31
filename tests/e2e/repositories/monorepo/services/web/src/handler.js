import { randomUUID } from "node:crypto";

/** What is wrong with an order; undefined when nothing is. */
export function findFault(order) {
  if (typeof order?.item !== "string" || order.item === "") return "item is missing";
  if (!Number.isInteger(order.count) || order.count < 1) return "count has to be 1 or more";
  return undefined;
}

export function createHandler({ send, priceOf }) {
  const answer = (response, status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  return async (request, response) => {
    try {
      const { pathname } = new URL(request.url, "http://web");
      if (request.method === "POST" && pathname === "/orders") {
        let text = "";
        for await (const chunk of request) text += chunk;
        const order = JSON.parse(text);
        const fault = findFault(order);
        if (fault) return answer(response, 400, { error: fault });
        const id = order.id ?? randomUUID();
        await send({ ...order, id });
        return answer(response, 202, { id });
      }
      const [, id] = /^\/orders\/([\w-]+)$/.exec(pathname) ?? [];
      if (id === undefined) return answer(response, pathname === "/" ? 200 : 404, { service: "web" });
      const price = await priceOf(id);
      return price ? answer(response, 200, price) : answer(response, 404, { error: "no price yet" });
    } catch (error) {
      return answer(response, 500, { error: String(error) });
    }
  };
}
