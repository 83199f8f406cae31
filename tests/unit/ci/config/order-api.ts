/** A repository of one Node service whose name no image and no object can have as it is. */
export const api = {
  "package.json": '{ "name": "@acme/Order_API", "scripts": { "lint": "x", "test": "y", "start": "z" }, "port": 3000 }',
  "src/main.ts": undefined,
};
