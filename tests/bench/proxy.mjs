// The floor of every worker that asks the gateway once: the runtime's own HTTP, in and out, with one line of JavaScript.
// It checks nothing and may not be used for anything else.
export default {
  fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    return fetch(env.GATEWAY_URL + pathname + search, request);
  },
};
