// The floor of every worker: the runtime's own HTTP, and nothing else.
export default { fetch: () => new Response("") };
