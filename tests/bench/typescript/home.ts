// The first screen: the database puts it together.
import { Hono } from "hono";
import type { App } from "./env";
import { deadline, gateway } from "./gateway";
import { Problem } from "./problem";

export const home = new Hono<App>();

home.get("/", async (c) => {
  const { data, error, status } = await gateway(c).rpc("home", {}).abortSignal(deadline());
  if (error) throw Problem.refused(error, status);
  return c.json(data);
});
