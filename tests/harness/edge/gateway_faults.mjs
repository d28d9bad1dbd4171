// Faults between the functions and the gateway. A request says itself what is to happen to it, in the id that a
// client chose for it, so that nobody else's request is touched: `x-request-id: fault:KIND:ANYTHING`. A job chooses its id
// itself, so a test says beforehand what is to happen to its calls, one after the other.
import { setTimeout as sleep } from "node:timers/promises";

// Longer than the functions wait for the gateway.
const TOO_LATE_MS = 10_500;
// In time for the gateway's deadline, and longer than a wall budget of a second.
const SLOW_MS = 1_500;

const page = (status) => ({ status, headers: { "content-type": "text/html" }, body: "<h1>Out of order</h1>" });
const breakOff = () => {
  throw new Error("as asked");
};

// Before the gateway has heard of it, and after it has done what it was asked.
const BEFORE = {
  drop: breakOff,
  refuse: () => page(503),
  delay: () => sleep(20 + Math.random() * 200),
};
const AFTER = {
  cut: breakOff,
  torn: () => "torn",
  garble: () => page(502),
  late: () => sleep(TOO_LATE_MS),
  slow: () => sleep(SLOW_MS),
};

// By id, the kinds of fault of the calls that are still to come; "" is none.
const planned = new Map();
const ofRequest = new WeakMap();

/** Says what is to happen to the next calls that are made with this id. */
export const planFaults = (id, kinds) => planned.set(id, kinds);

function faultOf(request) {
  if (!ofRequest.has(request)) {
    const id = request.headers["x-request-id"] ?? "";
    ofRequest.set(request, planned.get(id)?.shift() ?? /^fault:([a-z]+):/.exec(id)?.[1]);
  }
  return ofRequest.get(request);
}

/** A hook of the gateway's proxy. */
export const gatewayFaults = {
  arrives: (request) => BEFORE[faultOf(request)]?.(),
  answered: (request) => AFTER[faultOf(request)]?.(),
};
