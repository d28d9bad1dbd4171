// The bindings of the runtime, and the variables that the middleware sets for the routes.
export type App = {
  Bindings: {
    GATEWAY_URL: string;
    JWT_SECRET: string;
    JWT_ISSUER: string;
    JWT_AUDIENCE: string;
    NUDGES: { send(message: unknown): Promise<unknown> };
  };
  Variables: {
    /** Set by hono's own middleware. */
    requestId: string;
    /** The verified token. */
    token: string;
    /** What only the log is told of a problem. */
    problem?: string;
  };
};
